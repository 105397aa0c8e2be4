package io.lorica.gguf;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// How the elements of a GGUF tensor are stored: in blocks of so many elements and bytes.
public enum TensorEncoding {
    F32(0, 1, 4),
    F16(1, 1, 2),
    BF16(30, 1, 2),
    Q4_0(2, 32, 18),
    Q4_1(3, 32, 20),
    Q5_0(6, 32, 22),
    Q5_1(7, 32, 24),
    Q8_0(8, 32, 34),
    Q4_K(12, 256, 144),
    Q5_K(13, 256, 176),
    Q6_K(14, 256, 210);

    private final int number;
    private final int blockElements;
    private final int blockBytes;

    TensorEncoding(int number, int blockElements, int blockBytes) {
        this.number = number;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
    }

    /// Its number in files, ggml's `ggml_type`.
    public int number() {
        return number;
    }

    /// How many elements a block has; rows consist of whole blocks.
    public int blockElements() {
        return blockElements;
    }

    /// The number by which a file says that most of its tensors are stored so, llama.cpp's `llama_ftype`.
    public int fileType() {
        return switch (this) {
            case F32 -> 0;
            case F16 -> 1;
            case Q4_0 -> 2;
            case Q4_1 -> 3;
            case Q8_0 -> 7;
            case Q5_0 -> 8;
            case Q5_1 -> 9;
            case Q4_K -> 15;
            case Q5_K -> 17;
            case Q6_K -> 18;
            case BF16 -> 32;
        };
    }

    /// Whether the numbers are stored one by one, without a common scale.
    public boolean plain() {
        return blockElements == 1;
    }

    /// How many bytes that many elements take.
    ///
    /// @throws ArithmeticException when that is more than a long holds
    public long bytes(long elements) {
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }

    /// Writes the float32 values of some blocks.
    ///
    /// @param in the stored bytes
    /// @param at where the first block begins
    /// @param out float32 numbers
    /// @param first the index in them of the first element
    /// @param elements how many; a multiple of a block's
    public void decode(MemorySegment in, long at, MemorySegment out, long first, long elements) {
        switch (this) {
            case F32 ->
                MemorySegment.copy(
                        in, LittleEndian.FLOAT, at, out, ValueLayout.JAVA_FLOAT, first * Float.BYTES, elements);
            case F16 -> halves(in, at, out, first, elements);
            case BF16 -> brainFloats(in, at, out, first, elements);
            case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> blocks(in, at, out, first, elements);
        }
    }

    /// The encoding of that number, if it is known here.
    static Optional<TensorEncoding> of(int number) {
        return Arrays.stream(values()).filter(type -> type.number == number).findFirst();
    }

    /// All names, for messages.
    static String names() {
        return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
    }

    private static void halves(MemorySegment in, long at, MemorySegment out, long first, long elements) {
        for (long i = 0; i < elements; i++) {
            out.setAtIndex(ValueLayout.JAVA_FLOAT, first + i, LittleEndian.half(in, at + i * Short.BYTES));
        }
    }

    private static void brainFloats(MemorySegment in, long at, MemorySegment out, long first, long elements) {
        for (long i = 0; i < elements; i++) {
            out.setAtIndex(ValueLayout.JAVA_FLOAT, first + i, LittleEndian.brain(in, at + i * Short.BYTES));
        }
    }

    private void blocks(MemorySegment in, long at, MemorySegment out, long first, long elements) {
        long from = at;
        for (long done = 0; done < elements; done += blockElements) {
            block(in, from, out, first + done);
            from += blockBytes;
        }
    }

    private void block(MemorySegment in, long at, MemorySegment out, long first) {
        switch (this) {
            case Q4_0 -> SmallBlocks.q40(in, at, out, first);
            case Q4_1 -> SmallBlocks.q41(in, at, out, first);
            case Q5_0 -> SmallBlocks.q50(in, at, out, first);
            case Q5_1 -> SmallBlocks.q51(in, at, out, first);
            case Q8_0 -> SmallBlocks.q80(in, at, out, first);
            case Q4_K -> SuperBlocks.q4(in, at, out, first);
            case Q5_K -> SuperBlocks.q5(in, at, out, first);
            case Q6_K -> SuperBlocks.q6(in, at, out, first);
            case F32, F16, BF16 -> throw new IllegalStateException(this + " has no blocks");
        }
    }
}
