package io.lorica.llm.model;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.Tensors;

/// Root-mean-square normalisation (https://arxiv.org/abs/1910.07467).
///
/// @param weight the gain of each element, `(E)`
/// @param epsilon what is added below the root
record RmsNorm(Tensor weight, double epsilon) {

    /// x `(…, E)` to the same shape.
    Tensor apply(Tensor x) {
        return Tensors.rmsNorm(x, weight, epsilon);
    }
}
