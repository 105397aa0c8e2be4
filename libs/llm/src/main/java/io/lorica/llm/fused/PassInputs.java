package io.lorica.llm.fused;

import java.util.List;
import java.util.function.IntFunction;

import io.lorica.llm.model.RotaryAngles;
import io.lorica.llm.tensor.FlashAttention;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// What the layers take from a batch, on the device. Dimensions: N tokens, n learned tokens, D elements of a
/// head.
///
/// @param tokens one sequence behind the other, int64 `(N)`
/// @param lengths of the sequences
/// @param angles of the tokens, each float32 `(N, D/2)`
/// @param places which of the N tokens are learned from, int64 `(n)`
/// @param attention within the sequences, by how many positions a position sees
record PassInputs(
        Tensor tokens,
        List<Integer> lengths,
        RotaryAngles angles,
        Tensor places,
        IntFunction<FlashAttention> attention) {

    /// Those of a batch; they live in the scope.
    static PassInputs of(TensorScope scope, FusedModel model, PassBatch batch) {
        PackedTokens packed = PackedTokens.of(scope, batch.tokens(), batch.layout());
        return new PassInputs(
                packed.tokens(),
                packed.lengths(),
                model.angles().of(scope, packed.positions(), batch.layout().longest()),
                Tensors.rows(packed.places(), batch.positions()),
                window -> new FlashAttention(
                        scope,
                        packed.lengths(),
                        window,
                        model.base().type(),
                        model.base().config().headSize()));
    }
}
