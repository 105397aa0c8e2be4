package io.lorica.llm.model;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.tensor.Tensors;

/// Root-mean-square normalisation (https://arxiv.org/abs/1910.07467).
///
/// @param weight the gain of each element, `(E)`
/// @param epsilon what is added below the root
record RmsNorm(NDArray weight, double epsilon) {

    /// x `(…, E)` to the same shape.
    NDArray apply(NDArray x) {
        return Tensors.rmsNorm(x, weight, epsilon);
    }
}
