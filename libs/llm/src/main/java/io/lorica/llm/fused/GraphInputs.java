package io.lorica.llm.fused;

import java.util.Arrays;
import java.util.List;

import io.lorica.llm.model.RotaryAngles;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.FlashAttention;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The memory that a graphed pass reads, which every batch is brought to. Dimensions: N tokens, S sequences, n
/// learned tokens, D elements of a head; all of the shape, the filling included.
///
/// @param shape how large it is
/// @param tokens int64 `(N)`
/// @param angles of the tokens, each float32 `(N, D/2)`
/// @param boundaries where each sequence begins, and where the last ends, int32 `(S + 1)`
/// @param places which of the N tokens are learned from, int64 `(n)`
/// @param targets the token that each of them should predict, int64 `(n)`
/// @param weights of each one's loss, float32 `(n)`; 0 at the filling
record GraphInputs(
        GraphShape shape,
        Tensor tokens,
        RotaryAngles angles,
        Tensor boundaries,
        Tensor places,
        Tensor targets,
        Tensor weights) {

    /// New memory in a scope.
    ///
    /// @param headSize D
    static GraphInputs empty(TensorScope scope, GraphShape shape, int headSize) {
        long half = headSize / 2;
        return new GraphInputs(
                shape,
                scope.empty(ElementType.I64, shape.tokens()),
                new RotaryAngles(
                        scope.empty(ElementType.F32, shape.tokens(), half),
                        scope.empty(ElementType.F32, shape.tokens(), half)),
                scope.empty(ElementType.I32, shape.sequences() + 1L),
                scope.empty(ElementType.I64, shape.learned()),
                scope.empty(ElementType.I64, shape.learned()),
                scope.empty(ElementType.F32, shape.learned()));
    }

    /// Takes a batch over, in the order of the device's work.
    ///
    /// @param weight of every learned token
    void take(FusedModel model, PassBatch batch, double weight) {
        try (TensorScope work = TensorScope.of(batch.tokens()).child("graph-inputs")) {
            PackedTokens packed = PackedTokens.of(work, batch.tokens(), batch.layout(), shape.tokens());
            RotaryAngles turned =
                    model.angles().of(work, packed.positions(), batch.layout().longest());
            Tensors.copyInto(tokens, packed.tokens());
            Tensors.copyInto(angles.cos(), turned.cos());
            Tensors.copyInto(angles.sin(), turned.sin());
            Tensors.copyInto(boundaries, boundaries(work, packed.lengths()));
            // The last token is filling or ends a sequence: nothing is learned from it.
            Tensors.copyInto(places, work.longs(new long[] {shape.tokens() - 1L}, 1));
            Tensors.copyInto(first(work, places, batch), Tensors.rows(packed.places(), batch.positions()));
            targets.zeroInPlace();
            Tensors.copyInto(first(work, targets, batch), batch.targets());
            weights.zeroInPlace();
            first(work, weights, batch).addInPlace(weight);
        }
    }

    /// What the layers take of it.
    PassInputs forPass() {
        return new PassInputs(
                tokens,
                List.of(shape.tokens()),
                angles,
                places,
                window -> FlashAttention.between(boundaries, shape.tokens(), window));
    }

    private Tensor boundaries(TensorScope work, List<Integer> lengths) {
        long[] ends = new long[shape.sequences() + 1];
        Arrays.fill(ends, shape.tokens());
        ends[0] = 0;
        for (int i = 0; i < lengths.size(); i++) {
            ends[i + 1] = ends[i] + lengths.get(i);
        }
        return work.longs(ends, ends.length);
    }

    private static Tensor first(TensorScope work, Tensor of, PassBatch batch) {
        return Tensors.narrow(work.borrow(of), 0, 0, batch.learned());
    }
}
