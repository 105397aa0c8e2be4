package io.lorica.llm.train;

import java.util.function.DoubleSupplier;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.TensorScope;

/// The optimizer steps of an adapter: each collects its gradients, moves the adapter along them and puts the next
/// step's batches together while the device is still at it. Belongs to one thread.
final class OptimizerSteps {

    private final TensorScope scope;
    private final GradientMethod gradients;
    private final AdamW optimizer;
    private final LossScale lossScale;
    private final BatchesAhead batches;
    private final double maxGradientNorm;
    private final long seed;

    /// A step that is done.
    ///
    /// @param losses of its learned tokens
    /// @param gradientNorm L2 norm of all gradients before clipping
    /// @param tokens how many tokens it read
    record Taken(TokenLoss losses, double gradientNorm, long tokens) {}

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

    /// Takes a step.
    ///
    /// @param step the step's number, from 1
    /// @param rate the learning rate
    /// @throws ProductException with `NON_FINITE_LOSS` naming the rows, and the adapter is as before
    Taken take(int step, double rate) {
        try (StepBatches own = batches.of(step);
                StepLosses losses = new StepLosses(scope)) {
            collect(own, losses);
            DoubleSupplier norm = advance(step, rate, losses);
            // The device has all work of the step: time for the next one, and then to wait for the losses.
            batches.prepare(step + 1);
            Taken taken = new Taken(losses.read(), finite(norm.getAsDouble(), own), own.tokens());
            lossScale.calm();
            return taken;
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
    private DoubleSupplier advance(int step, double rate, StepLosses losses) {
        try (Autograd off = Autograd.off()) {
            GradientLimit limit = new GradientLimit(lossScale.factor(), maxGradientNorm);
            DoubleSupplier norm = optimizer.advance(step, rate, limit, losses.unreadSum());
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
