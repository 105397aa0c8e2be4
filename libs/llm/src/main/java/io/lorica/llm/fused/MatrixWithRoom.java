package io.lorica.llm.fused;

import io.lorica.llm.model.JoinedWeights;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// W and s·B as one matrix in memory, so that each pass is one product; W and A likewise where A lies below
/// W.
///
/// @param weights W with room for both
/// @param matrix W and s·B, `(O, I + R)`
/// @param transposed the same, `(I + R, O)`
/// @param columns s·B
/// @param rows A
/// @param stacked W above A, `(O + R, I)`; only W where A lies elsewhere
record MatrixWithRoom(
        JoinedWeights.Stored weights, Tensor matrix, Tensor transposed, Tensor columns, Tensor rows, Tensor stacked)
        implements AdaptedMatrix {

    static MatrixWithRoom of(TensorScope scope, JoinedWeights.Stored weights) {
        Tensor memory = scope.borrow(weights.memory());
        Tensor matrix = Tensors.narrow(memory, 0, 0, weights.outputs());
        Tensor stacked = Tensors.narrow(memory, 1, 0, weights.inputs());
        Tensor rows = weights.hasRowsBelow()
                ? Tensors.narrow(stacked, 0, weights.outputs(), weights.room())
                : scope.zeros(weights.type(), weights.room(), weights.inputs());
        return new MatrixWithRoom(
                weights,
                matrix,
                matrix.transpose(0, 1),
                Tensors.narrow(matrix, 1, weights.inputs(), weights.room()),
                rows,
                stacked);
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
        if (weights.hasRowsBelow()) {
            try (TensorScope work = TensorScope.of(gradient).child("stacked")) {
                Augmented both = Augmented.empty(
                        work, weights.type(), Math.toIntExact(gradient.size(0)), weights.outputs(), room());
                Tensors.copyInto(both.inputs(), gradient);
                backStacked(into, both);
                Tensors.copyInto(into.inner(), both.inner());
            }
            return;
        }
        Products.multiply(into.whole(), gradient, matrix);
        if (room() > 0) {
            Products.addMultiply(into.inputs(), into.inputs(), into.inner(), rows, 1);
        }
    }

    @Override
    public Augmented back(Augmented into, Augmented gradient) {
        if (!weights.hasRowsBelow()) {
            back(into, gradient.inputs());
            return into;
        }
        backStacked(into, gradient);
        return new Augmented(into.whole(), into.inputs(), gradient.inner());
    }

    /// One product with W above A.
    private void backStacked(Augmented into, Augmented gradient) {
        Products.multiply(gradient.inner(), gradient.inputs(), columns);
        Products.multiply(into.inputs(), gradient.whole(), stacked);
    }
}
