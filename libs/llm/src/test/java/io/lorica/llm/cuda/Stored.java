package io.lorica.llm.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Numbers as the kernels store them, read and written on the host.
final class Stored {

    private Stored() {}

    static double get(Precision precision, MemorySegment bytes, int index) {
        return switch (precision) {
            case F32 -> bytes.getAtIndex(ValueLayout.JAVA_FLOAT, index);
            case F16 -> Float.float16ToFloat(bytes.getAtIndex(ValueLayout.JAVA_SHORT, index));
            case BF16 -> Float.intBitsToFloat(bytes.getAtIndex(ValueLayout.JAVA_SHORT, index) << 16);
        };
    }

    static void put(Precision precision, MemorySegment bytes, int index, double value) {
        switch (precision) {
            case F32 -> bytes.setAtIndex(ValueLayout.JAVA_FLOAT, index, (float) value);
            case F16 -> bytes.setAtIndex(ValueLayout.JAVA_SHORT, index, Float.floatToFloat16((float) value));
            case BF16 -> bytes.setAtIndex(ValueLayout.JAVA_SHORT, index, bfloat16((float) value));
        }
    }

    /// To nearest, ties to even; the tests store no NaN.
    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
    }
}
