package io.lorica.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Blocks of 256 elements whose smaller blocks have scales of few bits ("k-quants"); the layouts are ggml's
/// (`ggml-common.h`). Products and sums are rounded to float32 in ggml's order.
final class SuperBlocks {

    private static final int BLOCK = 32;
    private static final int BLOCKS = 8;
    private static final int SCALES_AT = 2 * Short.BYTES;
    private static final int SCALES_BYTES = 12;
    private static final int Q6_HIGH_AT = 128;
    private static final int Q6_SCALES_AT = 192;
    private static final int Q6_D_AT = 208;

    private SuperBlocks() {}

    /// d · s · q - dm · m for each small block of 32, four bits.
    static void q4(MemorySegment in, long at, MemorySegment out, long first) {
        long bits = at + SCALES_AT + SCALES_BYTES;
        for (int block = 0; block < BLOCKS; block++) {
            float scale = LittleEndian.half(in, at) * scale(in, at + SCALES_AT, block);
            float minimum = LittleEndian.half(in, at + Short.BYTES) * minimum(in, at + SCALES_AT, block);
            long target = first + (long) block * BLOCK;
            for (int i = 0; i < BLOCK; i++) {
                put(out, target + i, scale * fourBits(in, bits, block, i) - minimum);
            }
        }
    }

    /// d · s · q - dm · m for each small block of 32, five bits; the fifth bits of all blocks share 32
    /// bytes.
    static void q5(MemorySegment in, long at, MemorySegment out, long first) {
        long high = at + SCALES_AT + SCALES_BYTES;
        long bits = high + BLOCK;
        for (int block = 0; block < BLOCKS; block++) {
            float scale = LittleEndian.half(in, at) * scale(in, at + SCALES_AT, block);
            float minimum = LittleEndian.half(in, at + Short.BYTES) * minimum(in, at + SCALES_AT, block);
            long target = first + (long) block * BLOCK;
            for (int i = 0; i < BLOCK; i++) {
                int fifth = (LittleEndian.unsigned(in, high + i) >> block) & 1;
                int q = fourBits(in, bits, block, i) | (fifth << 4);
                put(out, target + i, scale * q - minimum);
            }
        }
    }

    /// d · s · (q - 32) for each small block of 16, six bits in two halves of 128 elements.
    static void q6(MemorySegment in, long at, MemorySegment out, long first) {
        float d = LittleEndian.half(in, at + Q6_D_AT);
        for (int part = 0; part < BLOCKS; part++) {
            int half = part / 4;
            int quarter = part % 4;
            long low = at + half * 64L + (quarter % 2) * (long) BLOCK;
            long high = at + Q6_HIGH_AT + half * (long) BLOCK;
            long target = first + part * (long) BLOCK;
            long scales = at + Q6_SCALES_AT + 2L * part;
            float scale = d * in.get(ValueLayout.JAVA_BYTE, scales);
            float nextScale = d * in.get(ValueLayout.JAVA_BYTE, scales + 1);
            for (int i = 0; i < BLOCK; i++) {
                int fourBits = (LittleEndian.unsigned(in, low + i) >> (quarter / 2 * 4)) & 0xF;
                int twoBits = (LittleEndian.unsigned(in, high + i) >> (2 * quarter)) & 3;
                put(out, target + i, (i < BLOCK / 2 ? scale : nextScale) * ((fourBits | (twoBits << 4)) - 32));
            }
        }
    }

    /// Two blocks share 32 bytes: the lower halves are the first one's.
    private static int fourBits(MemorySegment in, long at, int block, int i) {
        int pair = LittleEndian.unsigned(in, at + (block / 2) * (long) BLOCK + i);
        return (pair >> (4 * (block % 2))) & 0xF;
    }

    /// Twelve bytes hold eight scales and eight minima of six bits: the lower four of each in bytes of
    /// their own, bits of the others on top of them.
    private static int scale(MemorySegment in, long at, int block) {
        if (block < 4) {
            return LittleEndian.unsigned(in, at + block) & 63;
        }
        int low = LittleEndian.unsigned(in, at + block + 4) & 0xF;
        return low | ((LittleEndian.unsigned(in, at + block - 4) >> 6) << 4);
    }

    private static int minimum(MemorySegment in, long at, int block) {
        if (block < 4) {
            return LittleEndian.unsigned(in, at + block + 4) & 63;
        }
        int low = LittleEndian.unsigned(in, at + block + 4) >> 4;
        return low | ((LittleEndian.unsigned(in, at + block) >> 6) << 4);
    }

    private static void put(MemorySegment out, long index, float value) {
        out.setAtIndex(ValueLayout.JAVA_FLOAT, index, value);
    }
}
