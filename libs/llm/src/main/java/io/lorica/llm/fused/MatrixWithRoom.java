package io.lorica.llm.fused;

import io.lorica.llm.model.JoinedWeights;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// W and s·B as one matrix in memory, so that each pass is one product.
final class MatrixWithRoom implements AdaptedMatrix {

    private final JoinedWeights.Stored weights;
    private final Tensor columns;
    private final Tensor transposed;

    MatrixWithRoom(TensorScope scope, JoinedWeights.Stored weights) {
        this.weights = weights;
        Tensor matrix = scope.borrow(weights.matrix());
        this.columns = Tensors.narrow(matrix, 1, weights.inputs(), weights.room());
        this.transposed = matrix.transpose(0, 1);
    }

    @Override
    public JoinedWeights weights() {
        return weights;
    }

    @Override
    public Tensor columns() {
        return columns;
    }

    @Override
    public int room() {
        return weights.room();
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
