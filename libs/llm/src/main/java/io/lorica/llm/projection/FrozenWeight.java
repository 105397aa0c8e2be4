package io.lorica.llm.projection;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// The matrix W `(out, in)` of a frozen linear map, however it is stored. Gradients flow through it, never into it.
public sealed interface FrozenWeight permits FullWeight, QuantizedWeight, StreamedWeight {

    /// x · Wᵀ + b for x `(…, in)`, in the scope of x and in the type of x.
    Tensor multiply(Tensor x, @Nullable Tensor bias);

    /// W as a matrix of numbers, in a scope; it may be a view of what is stored and must not be changed.
    Tensor values(TensorScope scope);

    /// The length of an input.
    long inputs();

    /// The length of an output.
    long outputs();

    /// How many bytes it takes in memory.
    long bytes();
}
