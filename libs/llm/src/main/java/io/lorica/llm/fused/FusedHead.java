package io.lorica.llm.fused;

import io.lorica.llm.model.TokenMatrix;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The head of a model with its loss and gradient by hand, some tokens at a time, so that the scores of a
/// whole batch never exist. Dimensions: n learned tokens, E elements of a hidden state, V tokens of the
/// vocabulary.
///
/// @param losses cross-entropy of each token, float32 `(n)`
/// @param hits 1 where the target had the highest score, float32 `(n)`
/// @param gradient of the states, `(n, E)`
public record FusedHead(Tensor losses, Tensor hits, Tensor gradient) {

    private static final long SCORES_AT_ONCE = 128L << 20;
    // Products are tiled: a last tile that is not full costs as much as a full one.
    private static final long ROWS_OF_TILE = 256;

    /// What is measured without going back.
    ///
    /// @param losses cross-entropy of each token, float32 `(n)`
    /// @param hits 1 where the target had the highest score, float32 `(n)`
    public record Measured(Tensor losses, Tensor hits) {}

    /// What becomes of the scores of some tokens, which their gradient has taken the place of.
    private interface Next {
        void take(TensorScope work, long from, long rows, Tensor gradient);
    }

    /// Computes losses and gradients; the results belong to the scope.
    ///
    /// @param states `(n, E)`
    /// @param targets int64 `(n)`
    /// @param weights of each token's loss in the gradient, float32 `(n)`: mostly 1 by the learned tokens of the
    /// whole optimizer step
    public static FusedHead of(TensorScope scope, FusedModel model, Tensor states, Tensor targets, Tensor weights) {
        TokenMatrix head = model.base().weights().head();
        Tensor gradient = scope.empty(states.type(), states.shape());
        Measured measured = measured(scope, model, states, targets, weights, (work, from, rows, ofScores) -> {
            head.gradientInto(part(work, gradient, from, rows), ofScores);
        });
        return new FusedHead(measured.losses(), measured.hits(), gradient);
    }

    /// Computes losses; the results belong to the scope.
    ///
    /// @param states `(n, E)`
    /// @param targets int64 `(n)`
    public static Measured measured(TensorScope scope, FusedModel model, Tensor states, Tensor targets) {
        try (Tensor none = scope.zeros(targets.size(0))) {
            return measured(scope, model, states, targets, none, (_, _, _, _) -> {});
        }
    }

    private static Measured measured(
            TensorScope scope, FusedModel model, Tensor states, Tensor targets, Tensor weights, Next next) {
        long count = states.size(0);
        TokenMatrix head = model.base().weights().head();
        Measured result = new Measured(scope.empty(ElementType.F32, count), scope.empty(ElementType.F32, count));
        long atOnce = Math.min(count, rowsAtOnce(head.tokens()));
        try (Autograd off = Autograd.off();
                TensorScope work = scope.child("head")) {
            Tensor scores = work.empty(states.type(), atOnce, head.tokens());
            for (long from = 0; from < count; from += atOnce) {
                long rows = Math.min(atOnce, count - from);
                Tensor logits = Tensors.narrow(scores, 0, 0, rows);
                head.scoresInto(logits, part(work, states, from, rows));
                model.kernels()
                        .crossEntropy(
                                logits,
                                part(work, targets, from, rows),
                                part(work, weights, from, rows),
                                part(work, result.losses(), from, rows),
                                part(work, result.hits(), from, rows));
                next.take(work, from, rows, logits);
            }
        }
        return result;
    }

    /// How many tokens have their scores in memory at a time.
    public static long rowsAtOnce(long vocabulary) {
        long rows = SCORES_AT_ONCE / vocabulary;
        return rows < ROWS_OF_TILE ? Math.max(1, rows) : rows / ROWS_OF_TILE * ROWS_OF_TILE;
    }

    private static Tensor part(TensorScope work, Tensor of, long from, long rows) {
        return Tensors.narrow(work.borrow(of), 0, from, rows);
    }
}
