package io.lorica.llm.train;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.EightBitTokens;
import io.lorica.llm.model.FullTokens;
import io.lorica.llm.model.StreamedTokens;
import io.lorica.llm.model.TokenMatrix;
import io.lorica.llm.model.TrainingPass;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Cross-entropy in float32 over the learned tokens of a batch. The head sees only the learned positions, a limited
/// number at a time, so the scores of a whole batch never exist.
final class CompletionLoss {

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
            Tensor gradient = switch (model.weights().head()) {
                case FullTokens _ -> recorded(model, batch, hidden, normalizer, sums);
                case EightBitTokens head -> byHand(head, batch, hidden, normalizer, sums);
                case StreamedTokens head -> byHand(head, batch, hidden, normalizer, sums);
            };
            pass.backward(hidden, gradient);
        }
    }

    /// Adds the losses of a batch without learning from it.
    static void measure(CausalLm model, Batch batch, TokenLoss sums) {
        try (Autograd off = Autograd.off();
                TensorScope scope = TensorScope.of(batch.tokens()).child("measure")) {
            Tensor hidden = learnedStates(model.hiddenStates(scope.borrow(batch.tokens()), batch.layout()), batch);
            for (Chunk chunk :
                    Chunk.of(batch.learned().size(), rowsAtOnce(model.weights().head()))) {
                try (TensorScope work = scope.child("head")) {
                    losses(batch, chunk, model.logits(chunk.of(work.borrow(hidden))), sums);
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

        /// Its part of x `(N, …)`.
        Tensor of(Tensor x) {
            return Tensors.narrow(x, 0, from, length);
        }
    }

    /// The states `(B, T, E)` that learned tokens are predicted from: `(N, E)`.
    private static Tensor learnedStates(Tensor states, Batch batch) {
        Tensor flat = states.reshape(-1, states.size(2)); // (B · T, E)
        return Tensors.rows(flat, batch.positions());
    }

    private static Tensor recorded(CausalLm model, Batch batch, Tensor hidden, double normalizer, TokenLoss sums) {
        Tensor leaf = Autograd.parameter(Autograd.detach(hidden));
        for (Chunk chunk :
                Chunk.of(batch.learned().size(), rowsAtOnce(model.weights().head()))) {
            headBackward(model, batch, chunk, leaf, normalizer, sums);
        }
        return TensorScope.of(hidden).adopt(Autograd.gradient(leaf));
    }

    /// The scores are where recording begins, so that no numbers of the head are kept.
    private static Tensor byHand(TokenMatrix head, Batch batch, Tensor hidden, double normalizer, TokenLoss sums) {
        Tensor states = Autograd.detach(hidden);
        Tensor gradient = TensorScope.of(hidden).empty(states.type(), states.shape());
        for (Chunk chunk : Chunk.of(batch.learned().size(), rowsAtOnce(head))) {
            try (TensorScope work = TensorScope.of(hidden).child("head")) {
                Tensor scores = Autograd.parameter(head.scores(chunk.of(work.borrow(states))));
                Tensor losses = losses(batch, chunk, scores, sums);
                Autograd.backward(losses.sum().mul(1 / normalizer), work.scalar(1));
                head.gradientInto(chunk.of(work.borrow(gradient)), work.adopt(Autograd.gradient(scores)));
            }
        }
        return gradient;
    }

    private static void headBackward(
            CausalLm model, Batch batch, Chunk chunk, Tensor leaf, double normalizer, TokenLoss sums) {
        try (TensorScope work = TensorScope.of(leaf).child("head")) {
            Tensor losses = losses(batch, chunk, model.logits(chunk.of(work.borrow(leaf))), sums);
            Autograd.backward(losses.sum().mul(1 / normalizer), work.scalar(1));
        }
    }

    /// The loss of each token of a chunk from its scores `(n, V)`: `(n)`, counted into the sums.
    private static Tensor losses(Batch batch, Chunk chunk, Tensor logits, TokenLoss sums) {
        Tensor targets = chunk.of(TensorScope.of(logits).borrow(batch.targets()));
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
        sums.add(learned, losses, hits);
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

    private static int rowsAtOnce(TokenMatrix head) {
        return (int) Math.max(1, TokenMatrix.RECORDED_SCORES / head.tokens());
    }
}
