package io.lorica.llm.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// A matrix of a checkpoint that was quantised before. Its codes become float32 in pieces of a few MiB.
///
/// @param name its name
/// @param type the type that its numbers were rounded to when they became codes
/// @param shape rows and columns
/// @param codes its codes
record CodedTensor(String name, ElementType type, long[] shape, WeightCodes codes) implements StoredTensor {

    private static final long NUMBERS_AT_ONCE = 1 << 20;

    CodedTensor {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    @Override
    public boolean decoded() {
        return true;
    }

    @Override
    public boolean finite() {
        return true;
    }

    @Override
    public void loadInto(Tensor target) {
        loadRowsInto(target, 0);
    }

    @Override
    public void loadRowsInto(Tensor target, long first) {
        long rows = target.size(0);
        int columns = Math.toIntExact(shape[1]);
        long atOnce = Math.clamp(NUMBERS_AT_ONCE / Math.max(1, columns), 1, Math.max(1, rows));
        try (Arena arena = Arena.ofConfined();
                TensorScope scope = TensorScope.open("dequantize")) {
            MemorySegment piece = arena.allocate(ValueLayout.JAVA_FLOAT, atOnce * columns);
            Tensor whole = scope.borrow(target);
            for (long done = 0; done < rows; done += atOnce) {
                long count = Math.min(atOnce, rows - done);
                for (long row = 0; row < count; row++) {
                    codes.decode(first + done + row, columns, piece, row * columns);
                }
                round(piece, count * columns);
                HostMemory.copyInto(
                        Tensors.narrow(whole, 0, done, count),
                        piece.asSlice(0, count * columns * Float.BYTES),
                        ElementType.F32);
            }
        }
    }

    private void round(MemorySegment piece, long count) {
        if (type == ElementType.F32) {
            return;
        }
        for (long i = 0; i < count; i++) {
            float value = piece.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            piece.setAtIndex(ValueLayout.JAVA_FLOAT, i, type == ElementType.F16 ? half(value) : brainFloat(value));
        }
    }

    private static float half(float value) {
        return Float.float16ToFloat(Float.floatToFloat16(value));
    }

    /// To nearest, ties to even.
    private static float brainFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        int up = 0x7FFF + ((bits >>> 16) & 1);
        return Float.isNaN(value) ? value : Float.intBitsToFloat((bits + up) & 0xFFFF_0000);
    }
}
