package io.lorica.llm.model;

import io.lorica.llm.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/// The frozen matrices of a group of projections, one below the other, in one piece of memory; each projection's own
/// matrix is a view of it. Dimensions: O outputs of all, I inputs, R columns of room for adapters.
///
/// @param matrix `(O, I + R)`; the last R columns are zero until adapters are written there
/// @param bias `(O)`, zero where a projection has none; null where none has one
/// @param inputs I
public record JoinedWeights(Tensor matrix, @Nullable Tensor bias, int inputs) {

    /// R
    public int room() {
        return Math.toIntExact(matrix.size(1)) - inputs;
    }
}
