package io.lorica.llm.projection;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// y = x · Wᵀ + b with frozen weights.
///
/// @param weight W, `(out, in)`
/// @param bias b, `(out)`, null for none
public record Dense(FrozenWeight weight, @Nullable Tensor bias) implements Projection {

    /// A map whose matrix is stored number by number.
    public static Dense of(Tensor matrix, @Nullable Tensor bias) {
        return new Dense(new FullWeight(matrix), bias);
    }

    @Override
    public Tensor apply(Tensor x) {
        return weight.multiply(x, biasFor(x));
    }

    /// The bias in the type of x, null for none; one that is trained is float32 whatever the model computes in.
    @Nullable
    Tensor biasFor(Tensor x) {
        return bias == null ? null : Tensors.inTypeOf(x, bias);
    }

    @Override
    public long inputs() {
        return weight.inputs();
    }

    @Override
    public long outputs() {
        return weight.outputs();
    }

    @Override
    public Dense base() {
        return this;
    }
}
