package io.lorica.llm.projection;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// y = x · Wᵀ + b with frozen weights.
///
/// @param weight W, `(out, in)`
/// @param bias b, `(out)`, null for none
public record Dense(NDArray weight, @Nullable NDArray bias) implements Projection {

    @Override
    public NDArray apply(NDArray x) {
        return Tensors.linear(x, weight, bias);
    }

    @Override
    public long inputs() {
        return weight.getShape().get(1);
    }

    @Override
    public long outputs() {
        return weight.getShape().get(0);
    }

    @Override
    public Dense base() {
        return this;
    }
}
