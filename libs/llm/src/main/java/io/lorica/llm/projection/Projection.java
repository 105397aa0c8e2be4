package io.lorica.llm.projection;

import io.lorica.llm.tensor.Tensor;

/// A linear map y = f(x) inside a decoder layer. Layers are given their projections and never know whether an adapter
/// is part of one.
public sealed interface Projection permits Dense, LoraProjection, DoraProjection {

    /// Maps x `(…, in)` to `(…, out)`, in the scope of x.
    Tensor apply(Tensor x);

    /// The length of an input.
    long inputs();

    /// The length of an output.
    long outputs();

    /// The frozen map below any adapter.
    Dense base();
}
