package io.lorica.llm.train;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// The optimizer steps of an adapter: each collects its gradients, moves the adapter along them and puts the next
/// step's batches together while the device is still at it. What a step measured is read when the device has the next
/// one, or when it is asked for. Belongs to one thread.
final class OptimizerSteps {

    private final TensorScope scope;
    private final GradientMethod gradients;
    private final AdamW optimizer;
    private final LossScale lossScale;
    private final BatchesAhead batches;
    private final double maxGradientNorm;
    private final long seed;
    private final Deque<Begun> begun = new ArrayDeque<>();
    private @Nullable Taken taken;
    private BooleanSupplier goesOn = () -> true;
    private int lastFinished;

    /// Steps that are done.
    ///
    /// @param step the number of the last one
    /// @param losses of its learned tokens
    /// @param gradientNorm L2 norm of all its gradients before clipping
    /// @param tokens how many tokens all of them read
    /// @param learned how many tokens all of them learned
    record Taken(int step, TokenLoss losses, double gradientNorm, long tokens, long learned) {

        private Taken before(Taken next) {
            return new Taken(next.step, next.losses, next.gradientNorm, tokens + next.tokens, learned + next.learned);
        }
    }

    /// A step that the device may still be at.
    private record Begun(StepBatches batches, StepLosses losses) {}

    /// @param maxGradientNorm the norm that longer gradients are brought down to; 0 leaves them
    /// @param seed decides what is random
    OptimizerSteps(
            TensorScope scope,
            GradientMethod gradients,
            AdamW optimizer,
            LossScale lossScale,
            BatchesAhead batches,
            double maxGradientNorm,
            long seed) {
        this.scope = scope;
        this.gradients = gradients;
        this.optimizer = optimizer;
        this.lossScale = lossScale;
        this.batches = batches;
        this.maxGradientNorm = maxGradientNorm;
        this.seed = seed;
    }

    /// Goes on behind a step.
    void resumeAfter(int step) {
        lastFinished = step;
    }

    /// Has each step ask between its micro-batches whether to go on.
    void goOnWhile(BooleanSupplier wanted) {
        goesOn = wanted;
    }

    /// Tells whether steps are done that [#finish] has not told of.
    boolean untold() {
        return taken != null || !begun.isEmpty();
    }

    /// The last step that is known to have had an effect.
    int lastFinished() {
        return lastFinished;
    }

    /// Takes a step, and waits for it.
    ///
    /// @param step the step's number, from 1
    /// @param rate the learning rate
    /// @throws ProductException with `NON_FINITE_LOSS` naming the rows, and the adapter is as before
    /// @throws StepAbandoned where it is not to go on, and all is as before
    Taken take(int step, double rate) {
        begin(step, rate);
        return finish();
    }

    /// Gives the device a step, and waits for the one before it alone: so the device always has work, and nobody
    /// waits for more than two steps.
    ///
    /// @param step the step's number, from 1
    /// @param rate the learning rate
    /// @throws ProductException as [#finish] does
    void begin(int step, double rate) {
        begun.addLast(launched(step, rate));
        batches.prepare(step + 1);
        finish(optimizer.stopsItself() ? 1 : 0);
    }

    /// Waits for all steps that were begun.
    ///
    /// @return those since the last call, at least one
    /// @throws ProductException with `NON_FINITE_LOSS` naming the rows of the first step that had such a loss or
    ///     gradient; the adapter is as before that step
    Taken finish() {
        finish(0);
        Taken all = Objects.requireNonNull(taken, "no step was begun");
        taken = null;
        return all;
    }

    /// Waits for steps until so many are under way.
    private void finish(int left) {
        try {
            while (begun.size() > left) {
                Taken next = finished(begun.removeFirst());
                taken = taken == null ? next : taken.before(next);
            }
        } catch (RuntimeException failed) {
            forget();
            throw failed;
        }
    }

    private Taken finished(Begun own) {
        try (StepLosses losses = own.losses()) {
            TokenLoss sums = losses.read();
            double norm = finite(losses.norm(), own.batches());
            lastFinished = own.batches().step();
            return new Taken(own.batches().step(), sums, norm, own.batches().tokens(), sums.tokens());
        }
    }

    /// Steps begun after one that failed had no effect.
    private void forget() {
        begun.forEach(own -> own.losses().close());
        begun.clear();
        taken = null;
        optimizer.goOn();
    }

    /// Steps before one that fails on the way are not lost.
    private Begun launched(int step, double rate) {
        try {
            return launch(step, rate);
        } catch (RuntimeException failed) {
            finish(0);
            throw failed;
        }
    }

    private Begun launch(int step, double rate) {
        StepLosses losses = new StepLosses(scope);
        Optional<LossScale.State> scale = lossScale.state();
        try (StepBatches own = batches.of(step)) {
            collect(own, losses);
            losses.fetch(advance(step, rate, losses));
            lossScale.calm();
            return new Begun(own, losses);
        } catch (StepAbandoned abandoned) {
            losses.close();
            lossScale.restore(scale);
            throw abandoned;
        } catch (RuntimeException failed) {
            losses.close();
            throw failed;
        }
    }

    /// Collects the gradients of a step, once more with a smaller scale where they overflowed.
    private void collect(StepBatches own, StepLosses losses) {
        collectOnce(own, losses);
        while (lossScale.scales() && overflown(losses) && lossScale.halve()) {
            losses.forget();
            collectOnce(own, losses);
        }
    }

    private void collectOnce(StepBatches own, StepLosses losses) {
        optimizer.clearGradients();
        double normalizer = own.learned() / lossScale.factor();
        for (int part = 0; part < own.each().size(); part++) {
            if (!goesOn.getAsBoolean()) {
                throw new StepAbandoned();
            }
            try (TensorScope work = scope.child("micro-batch")) {
                gradients.collect(own.each().get(part).in(work), normalizer, Seeds.mix(seed, own.step(), part), losses);
            }
        }
    }

    /// Whether gradients are too large for their type although the losses are finite.
    private boolean overflown(StepLosses losses) {
        losses.read();
        return !Double.isFinite(optimizer.gradientNorm());
    }

    /// Moves the adapter along the gradients.
    ///
    /// @return gives their norm
    private Tensor advance(int step, double rate, StepLosses losses) {
        try (Autograd off = Autograd.off()) {
            GradientLimit limit = new GradientLimit(lossScale.factor(), maxGradientNorm);
            Tensor norm = optimizer.advance(step, rate, limit, losses.unreadSum());
            gradients.refresh();
            return norm;
        }
    }

    private static double finite(double norm, StepBatches own) {
        if (Double.isFinite(norm)) {
            return norm;
        }
        throw ProductException.of(
                ErrorCode.NON_FINITE_LOSS,
                "The gradients are not finite numbers on the rows of lines "
                        + own.lines()
                        + ". Check these rows, or lower the learning rate.");
    }
}
