package io.lorica.llm.fused;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// The inputs of layers on their way from the forward pass to the backward pass.
interface LayerInputs extends AutoCloseable {

    /// Takes a layer's input over.
    ///
    /// @param input `(N, E)`; the caller does not use it any more
    void put(int layer, Tensor input);

    /// Gives it back, once, on the device and in a scope.
    Tensor take(int layer, TensorScope scope);

    @Override
    void close();
}
