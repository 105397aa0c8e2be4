package io.lorica.llm.projection;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// A matrix stored number by number, in the type that the model computes in.
///
/// @param matrix W, `(out, in)`
public record FullWeight(Tensor matrix) implements FrozenWeight {

    @Override
    public Tensor multiply(Tensor x, @Nullable Tensor bias) {
        return Tensors.linear(x, matrix, bias);
    }

    @Override
    public Tensor values(TensorScope scope) {
        return scope.borrow(matrix);
    }

    @Override
    public long inputs() {
        return matrix.size(1);
    }

    @Override
    public long outputs() {
        return matrix.size(0);
    }

    @Override
    public long bytes() {
        return matrix.bytes();
    }
}
