package io.lorica.llm.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;

import io.lorica.llm.tensor.ElementType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class StoredNumbersTest {

    private static final int ELEMENTS = 40_003;

    /// The greatest finite number, and three that are none: both infinities, and one of the many that are
    /// no number.
    @ParameterizedTest
    @CsvSource({
        "F32, 0xFF7FFFFF, 0x7F800000",
        "F32, 0xFF7FFFFF, 0xFF800000",
        "F32, 0xFF7FFFFF, 0x7F800001",
        "F16, 0xFBFF, 0x7C00",
        "F16, 0xFBFF, 0xFC00",
        "F16, 0xFBFF, 0x7E01",
        "BF16, 0xFF7F, 0x7F80",
        "BF16, 0xFF7F, 0xFF80",
        "BF16, 0xFF7F, 0xFFC1"
    })
    void findsOneThatIsNotFiniteWhereverItIs(ElementType type, String greatest, String wrong) {
        Random random = new Random(3);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate((long) ELEMENTS * type.bytes());
            for (int i = 0; i < ELEMENTS; i++) {
                put(memory, type, i, i % 7 == 0 ? bits(greatest) : random.nextInt() & bits(greatest) & ~1);
            }
            assertThat(StoredNumbers.finite(memory, type)).isTrue();
            for (int place : new int[] {0, 1, 2, 3, 32_768, ELEMENTS - 2, ELEMENTS - 1}) {
                // Given
                int before = get(memory, type, place);
                put(memory, type, place, bits(wrong));

                // When // Then
                assertThat(StoredNumbers.finite(memory, type))
                        .as("at %d", place)
                        .isFalse();
                put(memory, type, place, before);
            }
        }
    }

    @Test
    void wholeNumbersAreFinite() {
        byte[] bytes = {-1, -1, -1, -1, -1, -1, -1, -1};
        assertThat(StoredNumbers.finite(MemorySegment.ofArray(bytes), ElementType.I8))
                .isTrue();
    }

    private static int bits(String word) {
        return Integer.parseUnsignedInt(word.substring(2), 16);
    }

    private static void put(MemorySegment memory, ElementType type, int place, int bits) {
        if (type.bytes() == Short.BYTES) {
            memory.set(shorts(), (long) place * Short.BYTES, (short) bits);
        } else {
            memory.set(ints(), (long) place * Integer.BYTES, bits);
        }
    }

    private static int get(MemorySegment memory, ElementType type, int place) {
        return type.bytes() == Short.BYTES
                ? memory.get(shorts(), (long) place * Short.BYTES)
                : memory.get(ints(), (long) place * Integer.BYTES);
    }

    private static ValueLayout.OfShort shorts() {
        return ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    }

    private static ValueLayout.OfInt ints() {
        return ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    }
}
