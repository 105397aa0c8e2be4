package io.lorica.llm.fused;

import io.lorica.llm.model.JoinedWeights;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// W and s·B as one matrix in memory, so that each pass is one product.
///
/// @param weights W with room behind it
/// @param columns that room
/// @param transposed both together, `(I + R, O)`
record MatrixWithRoom(JoinedWeights.Stored weights, Tensor columns, Tensor transposed) implements AdaptedMatrix {

    static MatrixWithRoom of(TensorScope scope, JoinedWeights.Stored weights) {
        Tensor matrix = scope.borrow(weights.matrix());
        return new MatrixWithRoom(
                weights, Tensors.narrow(matrix, 1, weights.inputs(), weights.room()), matrix.transpose(0, 1));
    }

    @Override
    public void multiply(Tensor into, Augmented x) {
        Tensor bias = weights.bias();
        if (bias == null) {
            Products.multiply(into, x.whole(), transposed);
        } else {
            Products.addMultiply(into, bias, x.whole(), transposed, 1);
        }
    }

    @Override
    public void add(Tensor into, Augmented x) {
        Products.addMultiply(into, into, x.whole(), transposed, 1);
        Tensor bias = weights.bias();
        if (bias != null) {
            into.addInPlace(bias);
        }
    }

    @Override
    public void back(Augmented into, Tensor gradient) {
        Products.multiply(into.whole(), gradient, weights.matrix());
    }
}
