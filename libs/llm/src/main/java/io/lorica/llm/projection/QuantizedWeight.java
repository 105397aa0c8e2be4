package io.lorica.llm.projection;

import io.lorica.llm.quantize.QuantizedMatrix;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// A matrix kept in few bits, which becomes numbers for the length of each use. Where a product is recorded, the
/// numbers
/// live until its gradient is taken: recomputed layer by layer, that is one layer's matrices at a time.
///
/// @param matrix W, `(out, in)`
/// @param type what the model computes in
public record QuantizedWeight(QuantizedMatrix matrix, ElementType type) implements FrozenWeight {

    @Override
    public Tensor multiply(Tensor x, @Nullable Tensor bias) {
        try (TensorScope work = TensorScope.of(x).child("dequantized")) {
            return Tensors.linear(x, numbers(work, x.type()), bias);
        }
    }

    @Override
    public Tensor values(TensorScope scope) {
        return numbers(scope, type);
    }

    @Override
    public long inputs() {
        return matrix.columns();
    }

    @Override
    public long outputs() {
        return matrix.rows();
    }

    @Override
    public long bytes() {
        return matrix.bytes();
    }

    private Tensor numbers(TensorScope scope, ElementType wanted) {
        try (Autograd off = Autograd.off()) {
            return matrix.dequantize(scope, wanted);
        }
    }
}
