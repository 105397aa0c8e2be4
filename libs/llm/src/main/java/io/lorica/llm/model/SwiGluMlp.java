package io.lorica.llm.model;

import io.lorica.llm.projection.Projection;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.Tensors;

/// The feed-forward block: down(silu(gate(x)) · up(x)) (https://arxiv.org/abs/2002.05202).
record SwiGluMlp(Projection gate, Projection up, Projection down) {

    /// x `(B, T, E)` to the same shape.
    Tensor apply(Tensor x) {
        return down.apply(Tensors.silu(gate.apply(x)).mul(up.apply(x)));
    }
}
