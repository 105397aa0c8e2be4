package io.lorica.llm.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

import io.lorica.llm.tensor.ElementType;

/// Looks for infinities and for what is no number among numbers as files hold them. Both have all bits of
/// their exponent set (IEEE 754, and bfloat16 alike), so that one more in its last place carries into the
/// sign's; eight bytes are looked at together.
final class StoredNumbers {

    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final long AT_ONCE = 1L << 16;
    private static final long RELEASED_AT_ONCE = 1L << 24;

    private StoredNumbers() {}

    /// Tells whether all are finite; true for types that hold whole numbers or codes.
    static boolean finite(MemorySegment memory, ElementType type) {
        return switch (type) {
            case F64 -> finite(memory, 0x7FF0_0000_0000_0000L, 0x0010_0000_0000_0000L);
            case F32 -> finite(memory, 0x7F80_0000_7F80_0000L, 0x0080_0000_0080_0000L);
            case F16 -> finite(memory, 0x7C00_7C00_7C00_7C00L, 0x0400_0400_0400_0400L);
            case BF16 -> finite(memory, 0x7F80_7F80_7F80_7F80L, 0x0080_0080_0080_0080L);
            case I64, I32, I8, U8, BOOL, F8_E4M3 -> true;
        };
    }

    /// @param exponents the bits of all exponents of a word
    /// @param lasts the last place of each
    private static boolean finite(MemorySegment memory, long exponents, long lasts) {
        long signs = exponents + lasts;
        long words = memory.byteSize() / Long.BYTES * Long.BYTES;
        for (long from = 0; from < words; from += AT_ONCE) {
            long end = Math.min(words, from + AT_ONCE);
            long seen = 0;
            for (long at = from; at < end; at += Long.BYTES) {
                seen |= (memory.get(WORD, at) & exponents) + lasts;
            }
            if ((seen & signs) != 0) {
                return false;
            }
            if ((end & (RELEASED_AT_ONCE - 1)) == 0 || end == words) {
                long released = Math.max(0, end - RELEASED_AT_ONCE);
                MappedPages.release(memory.asSlice(released, end - released));
            }
        }
        return (((rest(memory, words) & exponents) + lasts) & signs) == 0;
    }

    /// The bytes behind the last whole word, with zeros behind them.
    private static long rest(MemorySegment memory, long words) {
        byte[] bytes = new byte[Long.BYTES];
        MemorySegment.copy(memory, words, MemorySegment.ofArray(bytes), 0, memory.byteSize() - words);
        return MemorySegment.ofArray(bytes).get(WORD, 0);
    }
}
