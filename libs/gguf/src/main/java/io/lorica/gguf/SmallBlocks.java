package io.lorica.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Blocks of 32 elements with one float16 scale d, some with a float16 minimum m too; the layouts are
/// ggml's (`ggml-common.h`). The lower halves of 16 bytes are elements 0 to 15, the upper halves 16 to 31;
/// a fifth bit is in a word of 32 bits. Products and sums are rounded to float32 in ggml's order.
final class SmallBlocks {

    private static final int HALF = 16;
    private static final int SCALE = Short.BYTES;

    private SmallBlocks() {}

    /// d · (q - 8), four bits.
    static void q40(MemorySegment in, long at, MemorySegment out, long first) {
        float d = LittleEndian.half(in, at);
        for (int i = 0; i < HALF; i++) {
            int pair = LittleEndian.unsigned(in, at + SCALE + i);
            put(out, first + i, d * ((pair & 0xF) - 8));
            put(out, first + i + HALF, d * ((pair >> 4) - 8));
        }
    }

    /// d · q + m, four bits.
    static void q41(MemorySegment in, long at, MemorySegment out, long first) {
        float d = LittleEndian.half(in, at);
        float m = LittleEndian.half(in, at + SCALE);
        for (int i = 0; i < HALF; i++) {
            int pair = LittleEndian.unsigned(in, at + 2 * SCALE + i);
            put(out, first + i, d * (pair & 0xF) + m);
            put(out, first + i + HALF, d * (pair >> 4) + m);
        }
    }

    /// d · (q - 16), five bits.
    static void q50(MemorySegment in, long at, MemorySegment out, long first) {
        float d = LittleEndian.half(in, at);
        int high = in.get(LittleEndian.INT, at + SCALE);
        for (int i = 0; i < HALF; i++) {
            int pair = LittleEndian.unsigned(in, at + SCALE + Integer.BYTES + i);
            put(out, first + i, d * (((pair & 0xF) | fifthBit(high, i)) - 16));
            put(out, first + i + HALF, d * (((pair >> 4) | fifthBit(high, i + HALF)) - 16));
        }
    }

    /// d · q + m, five bits.
    static void q51(MemorySegment in, long at, MemorySegment out, long first) {
        float d = LittleEndian.half(in, at);
        float m = LittleEndian.half(in, at + SCALE);
        int high = in.get(LittleEndian.INT, at + 2 * SCALE);
        for (int i = 0; i < HALF; i++) {
            int pair = LittleEndian.unsigned(in, at + 2 * SCALE + Integer.BYTES + i);
            put(out, first + i, d * ((pair & 0xF) | fifthBit(high, i)) + m);
            put(out, first + i + HALF, d * ((pair >> 4) | fifthBit(high, i + HALF)) + m);
        }
    }

    /// d · q, eight bits with a sign.
    static void q80(MemorySegment in, long at, MemorySegment out, long first) {
        float d = LittleEndian.half(in, at);
        for (int i = 0; i < 2 * HALF; i++) {
            put(out, first + i, d * in.get(ValueLayout.JAVA_BYTE, at + SCALE + i));
        }
    }

    private static int fifthBit(int word, int element) {
        return ((word >>> element) & 1) << 4;
    }

    private static void put(MemorySegment out, long index, float value) {
        out.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
    }
}
