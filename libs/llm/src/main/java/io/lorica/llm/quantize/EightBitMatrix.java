package io.lorica.llm.quantize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// A matrix of whole numbers from -127 to 127 times the scale of their block.
///
/// @param codes int8 `(rows, columns)`
/// @param scales the largest absolute value of each block over 127, float32
record EightBitMatrix(Tensor codes, Tensor scales) implements QuantizedMatrix {

    private static final int LARGEST = 127;

    /// The nearest that 8 bits can do to a matrix, in a scope.
    static EightBitMatrix of(TensorScope scope, Tensor matrix) {
        return of(scope, matrix, BLOCK);
    }

    /// The same in blocks of another length.
    static EightBitMatrix of(TensorScope scope, Tensor matrix, int block) {
        try (TensorScope work = scope.child("quantize")) {
            Tensor flat = work.borrow(matrix).reshape(-1).contiguous();
            EightBitMatrix codes =
                    flat.onGpu() ? byOperations(work, flat, block) : inOnePass(work, flat.to(ElementType.F32), block);
            return new EightBitMatrix(scope.adopt(codes.codes().reshape(matrix.shape())), scope.adopt(codes.scales()));
        }
    }

    static EightBitMatrix byOperations(TensorScope scope, Tensor flat, int block) {
        EightBitMatrix all = new EightBitMatrix(
                scope.empty(ElementType.I8, flat.elements()),
                scope.empty(ElementType.F32, Blocks.count(flat.elements(), block)));
        Blocks.inStretches(flat, block, (work, from, part) -> {
            Tensor largest = Blocks.largest(part, block);
            Tensor whole =
                    Blocks.normalized(part, largest, block).mulInPlace(LARGEST).round();
            Blocks.put(work.borrow(all.codes()), from, whole.to(ElementType.I8));
            Blocks.put(work.borrow(all.scales()), from / block, largest.divInPlace(LARGEST));
        });
        return all;
    }

    private static EightBitMatrix inOnePass(TensorScope work, Tensor flat, int block) {
        Tensor largest = work.empty(ElementType.F32, TensorDevice.cpu(), Blocks.count(flat.elements(), block));
        Tensor codes = work.empty(ElementType.I8, TensorDevice.cpu(), flat.elements());
        MemorySegment bytes = HostMemory.of(codes);
        HostBlocks.encode(flat, largest, block, (numbers, first, length) -> {
            for (int i = 0; i < length; i++) {
                bytes.set(ValueLayout.JAVA_BYTE, first + i, (byte) Math.rint(numbers[i] * LARGEST));
            }
        });
        return new EightBitMatrix(codes, largest.divInPlace(LARGEST));
    }

    @Override
    public void dequantizeInto(Tensor target) {
        GpuDequantizer.of(target)
                .ifPresentOrElse(gpu -> gpu.eightBit(codes, scales, BLOCK, target), () -> byOperations(this, target));
    }

    private static void byOperations(EightBitMatrix matrix, Tensor target) {
        try (TensorScope work = TensorScope.of(target).child("eight-bit")) {
            Tensor values = work.borrow(matrix.codes()).reshape(-1).to(ElementType.F32);
            Blocks.multiplyInPlace(values, matrix.scales(), BLOCK);
            Tensors.copyInto(target, values.reshape(matrix.codes().shape()));
        }
    }

    @Override
    public TensorDevice device() {
        return codes.onGpu() ? TensorDevice.current() : TensorDevice.cpu();
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
