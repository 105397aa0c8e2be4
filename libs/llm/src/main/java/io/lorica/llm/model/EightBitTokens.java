package io.lorica.llm.model;

import java.util.Arrays;

import io.lorica.llm.quantize.EightBitRows;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// An embedding or a head kept in 8 bits. A stretch of its rows becomes numbers at a time, so the whole matrix never
/// exists; and as a recorded product would keep the numbers of every stretch, gradients are taken by hand.
///
/// @param matrix `(V, E)`
/// @param type what the model computes in
public record EightBitTokens(EightBitRows matrix, ElementType type) implements TokenMatrix {

    /// Rows that become numbers at a time: some 100 MiB of a model with 7 billion weights.
    private static final long ROWS_AT_ONCE = 16_384;

    /// How many elements are numbers at a time.
    public static long elementsAtOnce(ModelConfig config) {
        return Math.min(ROWS_AT_ONCE, config.vocabularySize()) * config.hiddenSize();
    }

    @Override
    public Tensor rows(Tensor tokens) {
        try (TensorScope work = TensorScope.of(tokens).child("embedding")) {
            Tensor flat = matrix.rows(work, work.borrow(tokens).reshape(-1), type);
            long[] shape = Arrays.copyOf(tokens.shape(), tokens.dimensions() + 1);
            shape[tokens.dimensions()] = matrix.width();
            return work.handOn(flat.reshape(shape), tokens);
        }
    }

    /// @throws IllegalStateException when the states are recorded
    @Override
    public Tensor scores(Tensor states) {
        if (Autograd.recorded(states)) {
            throw new IllegalStateException("scores of a head in 8 bits are not recorded; detach the states");
        }
        Tensor out = TensorScope.of(states).empty(states.type(), states.size(0), tokens());
        scoresInto(out, states);
        return out;
    }

    @Override
    public void scoresInto(Tensor out, Tensor states) {
        inStretches(
                out,
                (work, columns, numbers) -> {
                    Products.multiply(columns, states, work.borrow(numbers).transpose(0, 1));
                },
                states.type());
    }

    /// Stretches are summed in float32: their number adds nothing to the rounding of 16 bits.
    @Override
    public void gradientInto(Tensor out, Tensor ofScores) {
        try (TensorScope own = TensorScope.of(out).child("states")) {
            Tensor sum = own.zeros(out.shape());
            Tensor part = own.empty(out.type(), out.shape());
            inStretches(
                    ofScores,
                    (_, columns, numbers) -> {
                        Products.multiply(part, columns, numbers);
                        sum.addInPlace(part);
                    },
                    out.type());
            Tensors.copyInto(out, sum);
        }
    }

    /// What is done with a stretch.
    private interface Stretch {

        /// @param columns the scores of its tokens, `(n, rows)`
        /// @param numbers its rows, `(rows, E)`
        void take(TensorScope work, Tensor columns, Tensor numbers);
    }

    private void inStretches(Tensor scores, Stretch stretch, ElementType wanted) {
        try (Autograd off = Autograd.off();
                TensorScope own = TensorScope.of(scores).child("eight-bit-tokens")) {
            Tensor memory = own.empty(wanted, Math.min(ROWS_AT_ONCE, tokens()), matrix.width());
            for (long from = 0; from < tokens(); from += ROWS_AT_ONCE) {
                long count = Math.min(ROWS_AT_ONCE, tokens() - from);
                try (TensorScope work = own.child("stretch")) {
                    Tensor numbers = Tensors.narrow(work.borrow(memory), 0, 0, count);
                    matrix.numbers(from, numbers);
                    stretch.take(work, Tensors.narrow(work.borrow(scores), 1, from, count), numbers);
                }
            }
        }
    }

    @Override
    public long tokens() {
        return matrix.count();
    }

    @Override
    public long bytes() {
        return matrix.bytes();
    }
}
