package io.lorica.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Quantises blocks of 32 numbers to 8 bits as ggml's reference does (`quantize_row_q8_0_ref` in `ggml-quants.c`): the
/// scale is the largest magnitude by 127, halves are rounded away from zero, and the scale is stored as float16.
final class Q80Encoder {

    static final int ELEMENTS = 32;
    static final int BYTES = Short.BYTES + ELEMENTS;

    private static final float STEPS = 127;

    private Q80Encoder() {}

    static void encode(float[] block, MemorySegment out, long at) {
        float largest = 0;
        for (float value : block) {
            largest = Math.max(largest, Math.abs(value));
        }
        float scale = largest / STEPS;
        float inverse = scale == 0 ? 0 : 1 / scale;
        out.set(LittleEndian.SHORT, at, Float.floatToFloat16(scale));
        for (int i = 0; i < ELEMENTS; i++) {
            out.set(ValueLayout.JAVA_BYTE, at + Short.BYTES + i, (byte) round(block[i] * inverse));
        }
    }

    /// C's `roundf`. Adding a half first would round the largest number below a half up.
    private static int round(float value) {
        float magnitude = Math.abs(value);
        int whole = (int) magnitude;
        int rounded = magnitude - whole >= 0.5f ? whole + 1 : whole;
        return value < 0 ? -rounded : rounded;
    }
}
