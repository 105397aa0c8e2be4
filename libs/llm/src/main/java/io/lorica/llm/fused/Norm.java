package io.lorica.llm.fused;

import io.lorica.llm.tensor.Tensor;

/// The norm before a block.
///
/// @param gain `(E)`
/// @param epsilon what keeps a row of zeros from dividing by zero
/// @param kernels what computes it
record Norm(Tensor gain, double epsilon, Kernels kernels) {

    /// out = the norm of x `(N, E)`, and the inverse of each row's length for the way back, float32 `(N)`.
    void apply(Tensor x, Tensor out, Tensor inverse) {
        kernels.rmsNorm(x, gain, epsilon, out, inverse);
    }
}
