package io.lorica.llm.model;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.projection.Projection;
import io.lorica.llm.tensor.Tensors;

/// The feed-forward block: down(silu(gate(x)) · up(x)) (https://arxiv.org/abs/2002.05202).
record SwiGluMlp(Projection gate, Projection up, Projection down) {

    /// x `(B, T, E)` to the same shape.
    NDArray apply(NDArray x) {
        return down.apply(Tensors.silu(gate.apply(x)).mul(up.apply(x)));
    }
}
