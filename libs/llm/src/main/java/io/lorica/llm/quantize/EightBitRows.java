package io.lorica.llm.quantize;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// A matrix in 8 bits whose rows are used some at a time, such as an embedding. Blocks lie within rows: 64 elements
/// where
/// rows are whole blocks of that, else the row. Where both are the same, so are the bits of [EightBitMatrix].
///
/// @param codes int8 `(rows, width)`
/// @param scales the largest absolute value of each block over 127, float32 `(rows, blocks)`
public record EightBitRows(Tensor codes, Tensor scales) {

    private static final long ROWS_AT_ONCE = 8_192;

    /// The nearest that 8 bits can do to a matrix, on the process's device and in a scope. The matrix may lie in host
    /// memory, in any type; some rows at a time visit the device.
    public static EightBitRows of(TensorScope scope, Tensor matrix) {
        long rows = matrix.size(0);
        long width = matrix.size(1);
        int block = block(width);
        EightBitRows made = new EightBitRows(
                scope.empty(ElementType.I8, rows, width), scope.empty(ElementType.F32, rows, width / block));
        for (long from = 0; from < rows; from += ROWS_AT_ONCE) {
            try (TensorScope work = scope.child("quantize-rows")) {
                Tensor part = Tensors.narrow(work.borrow(matrix), 0, from, Math.min(ROWS_AT_ONCE, rows - from));
                made.set(
                        work,
                        from,
                        EightBitMatrix.of(work, part.onCurrentDevice().to(ElementType.F32), block));
            }
        }
        return made;
    }

    /// How many bytes a matrix of that shape takes.
    public static long bytes(long rows, long width) {
        return rows * width + rows * (width / block(width)) * Float.BYTES;
    }

    private void set(TensorScope work, long from, EightBitMatrix part) {
        long count = part.rows();
        Tensors.copyInto(Tensors.narrow(work.borrow(codes), 0, from, count), part.codes());
        Tensors.copyInto(
                Tensors.narrow(work.borrow(scales), 0, from, count),
                part.scales().reshape(count, -1));
    }

    private static int block(long width) {
        return width % QuantizedMatrix.BLOCK == 0 ? QuantizedMatrix.BLOCK : Math.toIntExact(width);
    }

    /// Chosen rows as numbers, in a scope.
    ///
    /// @param wanted which rows, int64 `(n)`
    public Tensor rows(TensorScope scope, Tensor wanted, ElementType type) {
        Tensor numbers = scope.empty(type, wanted.size(0), width());
        GpuDequantizer.of(numbers, block())
                .ifPresentOrElse(
                        gpu -> gpu.eightBitRows(this, wanted, numbers),
                        () -> multiply(numbers, chosen(codes, wanted), chosen(scales, wanted)));
        return numbers;
    }

    private static Tensor chosen(Tensor of, Tensor wanted) {
        return Tensors.rows(TensorScope.of(wanted).borrow(of), wanted);
    }

    /// Writes rows that follow each other as numbers.
    ///
    /// @param from the first of them
    /// @param target `(n, width)` of any type, without gaps
    public void numbers(long from, Tensor target) {
        try (TensorScope work = TensorScope.of(target).child("eight-bit-rows")) {
            Tensor own = Tensors.narrow(work.borrow(codes), 0, from, target.size(0));
            Tensor factors = Tensors.narrow(work.borrow(scales), 0, from, target.size(0));
            GpuDequantizer.of(target, block())
                    .ifPresentOrElse(
                            gpu -> gpu.eightBit(own, factors, block(), target), () -> multiply(target, own, factors));
        }
    }

    private static void multiply(Tensor target, Tensor codes, Tensor scales) {
        try (TensorScope work = TensorScope.of(target).child("eight-bit-rows")) {
            Tensor blocks = work.borrow(codes).to(ElementType.F32).reshape(scales.size(0), scales.size(1), -1);
            blocks.mulInPlace(work.borrow(scales).unsqueeze(2));
            Tensors.copyInto(target, blocks.reshape(target.shape()));
        }
    }

    /// How many rows it has.
    public long count() {
        return codes.size(0);
    }

    /// Elements of a row.
    public long width() {
        return codes.size(1);
    }

    /// Elements of a block.
    int block() {
        return block(width());
    }

    /// How many bytes it takes in memory.
    public long bytes() {
        return codes.bytes() + scales.bytes();
    }
}
