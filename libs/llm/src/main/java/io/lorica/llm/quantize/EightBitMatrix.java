package io.lorica.llm.quantize;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// A matrix of whole numbers from -127 to 127 times the scale of their block.
///
/// @param codes int8 `(rows, columns)`
/// @param scales the largest absolute value of each block over 127, float32
record EightBitMatrix(Tensor codes, Tensor scales) implements QuantizedMatrix {

    private static final int LARGEST = 127;

    /// The nearest that 8 bits can do to a float32 matrix, in a scope.
    static EightBitMatrix of(TensorScope scope, Tensor matrix) {
        try (TensorScope work = scope.child("quantize")) {
            Tensor flat = work.borrow(matrix).reshape(-1);
            Tensor largest = Blocks.largest(flat, BLOCK);
            Tensor whole =
                    Blocks.normalized(flat, largest, BLOCK).mulInPlace(LARGEST).round();
            return new EightBitMatrix(
                    scope.adopt(whole.to(ElementType.I8).reshape(matrix.shape())),
                    scope.adopt(largest.divInPlace(LARGEST)));
        }
    }

    @Override
    public Tensor dequantize(TensorScope scope, ElementType type) {
        try (TensorScope work = scope.child("eight-bit")) {
            Tensor values = work.borrow(codes).reshape(-1).to(ElementType.F32);
            Blocks.multiplyInPlace(values, scales, BLOCK);
            return scope.adopt(values.reshape(codes.shape()).to(type));
        }
    }

    @Override
    public void set(QuantizedMatrix other) {
        if (!(other instanceof EightBitMatrix same)) {
            throw new IllegalArgumentException("a matrix in 8 bits cannot take over one of another format");
        }
        Tensors.copyInto(codes, same.codes);
        Tensors.copyInto(scales, same.scales);
    }

    @Override
    public long rows() {
        return codes.size(0);
    }

    @Override
    public long columns() {
        return codes.size(1);
    }

    @Override
    public long bytes() {
        return codes.bytes() + scales.bytes();
    }
}
