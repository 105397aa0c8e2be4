package io.lorica.llm.train;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.TrainingPass;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Cross-entropy in float32 over the learned tokens of a batch. The head sees only the learned positions, a limited
/// number at a time, so the scores of a whole batch never exist.
final class CompletionLoss {

    private static final long SCORES_AT_ONCE = 32L << 20;

    private CompletionLoss() {}

    /// Adds the gradients of Σ loss / normaliser to the model's parameters.
    ///
    /// @param pass the batch's way through the layers
    /// @param normalizer the learned tokens of the whole optimizer step
    /// @throws ProductException with `NON_FINITE_LOSS` naming the rows, before any gradient of the batch is added
    static void backward(CausalLm model, TrainingPass pass, Batch batch, double normalizer, TokenLoss sums) {
        try (Autograd recording = Autograd.recording();
                TensorScope scope = TensorScope.of(batch.tokens()).child("loss")) {
            Tensor hidden = learnedStates(scope.borrow(pass.hidden()), batch);
            // The head's part is differentiated chunk by chunk into the hidden states, the layers' part once.
            Tensor leaf = Autograd.parameter(Autograd.detach(hidden));
            for (Chunk chunk : Chunk.of(batch.learned().size(), rowsAtOnce(model))) {
                headBackward(model, batch, chunk, leaf, normalizer, sums);
            }
            Tensor gradient = scope.adopt(Autograd.gradient(leaf));
            pass.backward(hidden, gradient);
        }
    }

    /// Adds the losses of a batch without learning from it.
    static void measure(CausalLm model, Batch batch, TokenLoss sums) {
        try (Autograd off = Autograd.off();
                TensorScope scope = TensorScope.of(batch.tokens()).child("measure")) {
            Tensor hidden = learnedStates(model.hiddenStates(scope.borrow(batch.tokens()), batch.layout()), batch);
            for (Chunk chunk : Chunk.of(batch.learned().size(), rowsAtOnce(model))) {
                try (TensorScope work = scope.child("head")) {
                    losses(model, batch, chunk, work.borrow(hidden), sums);
                }
            }
        }
    }

    /// A stretch of the learned tokens.
    private record Chunk(int from, int length) {

        static List<Chunk> of(int total, int most) {
            return IntStream.iterate(0, from -> from < total, from -> from + most)
                    .mapToObj(from -> new Chunk(from, Math.min(most, total - from)))
                    .toList();
        }
    }

    /// The states `(B, T, E)` that learned tokens are predicted from: `(N, E)`.
    private static Tensor learnedStates(Tensor states, Batch batch) {
        Tensor flat = states.reshape(-1, states.size(2)); // (B · T, E)
        return Tensors.rows(flat, batch.positions());
    }

    private static void headBackward(
            CausalLm model, Batch batch, Chunk chunk, Tensor leaf, double normalizer, TokenLoss sums) {
        try (TensorScope work = TensorScope.of(leaf).child("head")) {
            Tensor losses = losses(model, batch, chunk, work.borrow(leaf), sums);
            Autograd.backward(losses.sum().mul(1 / normalizer), work.scalar(1));
        }
    }

    /// The loss of each token of a chunk, `(n)`, counted into the sums.
    private static Tensor losses(CausalLm model, Batch batch, Chunk chunk, Tensor hidden, TokenLoss sums) {
        Tensor part = Tensors.narrow(hidden, 0, chunk.from(), chunk.length());
        Tensor targets =
                Tensors.narrow(TensorScope.of(hidden).borrow(batch.targets()), 0, chunk.from(), chunk.length());
        Tensor logits = model.logits(part); // (n, V)
        Tensor losses = Tensors.crossEntropy(logits, targets); // (n)
        List<Batch.Learned> learned = batch.learned().subList(chunk.from(), chunk.from() + chunk.length());
        Tensor hits = logits.argMax(1).eq(targets);
        count(learned, losses.toFloatArray(), hits.toFloatArray(), sums);
        return losses;
    }

    /// Adds what was measured of learned tokens to the sums.
    ///
    /// @param losses the loss of each
    /// @param hits 1 for each that the model ranked first, else 0
    /// @throws ProductException with `NON_FINITE_LOSS` naming the rows
    static void count(List<Batch.Learned> learned, float[] losses, float[] hits, TokenLoss sums) {
        checkFinite(losses, learned);
        boolean[] hit = new boolean[hits.length];
        for (int i = 0; i < hit.length; i++) {
            hit[i] = hits[i] != 0;
        }
        sums.add(learned, losses, hit);
    }

    private static void checkFinite(float[] losses, List<Batch.Learned> learned) {
        TreeSet<Integer> lines = new TreeSet<>();
        for (int i = 0; i < losses.length; i++) {
            if (!Float.isFinite(losses[i])) {
                lines.add(learned.get(i).line());
            }
        }
        if (!lines.isEmpty()) {
            throw ProductException.of(
                    ErrorCode.NON_FINITE_LOSS,
                    "The loss is not a finite number on the rows of lines " + lines
                            + ". Check these rows, or lower the learning rate.");
        }
    }

    private static int rowsAtOnce(CausalLm model) {
        return (int) Math.max(1, SCORES_AT_ONCE / model.config().vocabularySize());
    }
}
