package io.lorica.llm.fused;

import io.lorica.llm.model.SequenceLayout;
import io.lorica.llm.tensor.Tensor;

/// What one pass takes and is to predict. Dimensions: B rows, T positions, n learned tokens.
///
/// @param tokens int64 `(B, T)`
/// @param layout where the sequences lie among them
/// @param positions which of the B · T positions are learned from, int64 `(n)`, none twice
/// @param targets the token that each of them should predict, int64 `(n)`
public record PassBatch(Tensor tokens, SequenceLayout layout, Tensor positions, Tensor targets) {

    /// n
    int learned() {
        return Math.toIntExact(positions.size(0));
    }
}
