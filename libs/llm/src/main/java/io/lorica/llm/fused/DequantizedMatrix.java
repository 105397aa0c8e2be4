package io.lorica.llm.fused;

import io.lorica.llm.model.JoinedWeights;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// W in few bits, which becomes numbers for each product, and s·B apart from it.
///
/// @param weights W
/// @param columns s·B, `(O, R)`
/// @param transposedColumns the same, `(R, O)`
/// @param rows A, `(R, I)`
record DequantizedMatrix(JoinedWeights.Quantized weights, Tensor columns, Tensor transposedColumns, Tensor rows)
        implements AdaptedMatrix {

    static DequantizedMatrix of(TensorScope scope, JoinedWeights.Quantized weights, int ranks) {
        Tensor columns = scope.zeros(weights.type(), weights.outputs(), ranks);
        Tensor rows = scope.zeros(weights.type(), ranks, weights.inputs());
        return new DequantizedMatrix(weights, columns, columns.transpose(0, 1), rows);
    }

    @Override
    public void multiply(Tensor into, Augmented x) {
        try (TensorScope work = TensorScope.of(into).child("dequantized")) {
            Tensor transposed = weights.values(work).transpose(0, 1);
            Tensor bias = weights.bias();
            if (bias == null) {
                Products.multiply(into, x.inputs(), transposed);
            } else {
                Products.addMultiply(into, bias, x.inputs(), transposed, 1);
            }
        }
        addAdapters(into, x);
    }

    @Override
    public void add(Tensor into, Augmented x) {
        try (TensorScope work = TensorScope.of(into).child("dequantized")) {
            Products.addMultiply(into, into, x.inputs(), weights.values(work).transpose(0, 1), 1);
        }
        Tensor bias = weights.bias();
        if (bias != null) {
            into.addInPlace(bias);
        }
        addAdapters(into, x);
    }

    @Override
    public void back(Augmented into, Tensor gradient) {
        try (TensorScope work = TensorScope.of(gradient).child("dequantized")) {
            Products.multiply(into.inputs(), gradient, weights.values(work));
        }
        if (room() > 0) {
            Products.multiply(into.inner(), gradient, columns);
            Products.addMultiply(into.inputs(), into.inputs(), into.inner(), rows, 1);
        }
    }

    private void addAdapters(Tensor into, Augmented x) {
        if (room() > 0) {
            Products.addMultiply(into, into, x.inner(), transposedColumns, 1);
        }
    }
}
