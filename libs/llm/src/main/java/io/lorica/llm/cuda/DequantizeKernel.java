package io.lorica.llm.cuda;

/// Weights in 4 and 8 bits back to the type in which the model computes. Elements are counted row by row over
/// the whole matrix, and so are blocks.
public final class DequantizeKernel {

    private static final String SOURCE = "dequantize.cu";
    private static final int THREADS = 256;
    /// Elements that a thread takes at a time, and how often it does; `ELEMENTS` and `STEPS` of the source.
    private static final int GROUP = 8;

    private static final int STEPS = 4;

    private final CudaFunction fourBit;
    private final CudaFunction fourBitDouble;
    private final CudaFunction eightBit;
    private final CudaFunction eightBitRows;

    /// @param precision what the numbers become
    public DequantizeKernel(Kernels kernels, Precision precision) {
        this.fourBit = kernels.function(SOURCE, precision, "dequantize_four_bit");
        this.fourBitDouble = kernels.function(SOURCE, precision, "dequantize_four_bit_double");
        this.eightBit = kernels.function(SOURCE, precision, "dequantize_eight_bit");
        this.eightBitRows = kernels.function(SOURCE, precision, "dequantize_eight_bit_rows");
    }

    /// Whether a matrix can be taken in groups of eight elements that share a scale.
    public static boolean fits(long elements, int block) {
        return elements % GROUP == 0 && block % GROUP == 0;
    }

    /// A matrix in 4 bits.
    ///
    /// @param codes two a byte, the high half first, `(elements / 2)`
    /// @param numbers what the codes stand for, float32 `(16)`
    public record FourBit(long codes, long numbers) {}

    /// Scales in 8 bits around a mean: number(code) · largest + mean.
    ///
    /// @param codes uint8, one a scale
    /// @param numbers what the codes stand for, float32 `(256)`
    /// @param largest float32, one a block of scales
    /// @param mean float32 `(1)`
    /// @param block scales of a block, a power of two
    public record QuantizedScales(long codes, long numbers, long largest, long mean, int block) {}

    /// out ← number(code) · scale.
    ///
    /// @param scales float32, one a block
    /// @param block elements of a block, a power of two from 8 on
    public void fourBit(long stream, long elements, FourBit matrix, long scales, int block, long out) {
        require(elements, block, matrix.codes() % 4, out);
        Arguments.begin()
                .add(matrix.codes())
                .add(matrix.numbers())
                .add(scales)
                .add(out)
                .add(elements)
                .addInt(shift(block))
                .launch(fourBit, stream, blocks(elements), THREADS);
    }

    /// out ← number(code) · scale, of scales that are quantised themselves.
    ///
    /// @param block elements of a block, a power of two from 8 on
    public void fourBit(long stream, long elements, FourBit matrix, QuantizedScales scales, int block, long out) {
        require(elements, block, matrix.codes() % 4, out);
        Arguments.begin()
                .add(matrix.codes())
                .add(matrix.numbers())
                .add(scales.codes())
                .add(scales.numbers())
                .add(scales.largest())
                .add(scales.mean())
                .addInt(shift(scales.block()))
                .add(out)
                .add(elements)
                .addInt(shift(block))
                .launch(fourBitDouble, stream, blocks(elements), THREADS);
    }

    /// out ← code · scale.
    ///
    /// @param codes int8
    /// @param scales float32, one a block
    /// @param block elements of a block, such as those of a row
    public void eightBit(long stream, long elements, long codes, long scales, int block, long out) {
        require(elements, block, codes % GROUP, out);
        Arguments.begin()
                .add(codes)
                .add(scales)
                .add(out)
                .add(elements)
                .addInt(block)
                .launch(eightBit, stream, blocks(elements), THREADS);
    }

    /// Chosen rows of a matrix in 8 bits, such as the embeddings of tokens.
    ///
    /// @param rows how many are wanted
    /// @param width elements of a row
    /// @param wanted their numbers, int64 `(rows)`
    /// @param out `(rows, width)`
    public void eightBitRows(
            long stream, long rows, int width, long codes, long scales, int block, long wanted, Rows out) {
        require(width, block, codes % GROUP, out.address());
        require(out.stride(), block, 0, 0);
        Arguments.begin()
                .add(codes)
                .add(scales)
                .add(wanted)
                .add(out)
                .addInt(width)
                .addInt(block)
                .launch(eightBitRows, stream, rows, THREADS);
    }

    /// How far a number of elements is shifted to give its block.
    static int shift(int block) {
        if (Integer.bitCount(block) != 1) {
            throw new IllegalArgumentException("a block has a power of two of elements, not " + block);
        }
        return Integer.numberOfTrailingZeros(block);
    }

    private static void require(long elements, int block, long misaligned, long out) {
        if (!fits(elements, block) || misaligned != 0 || out % 16 != 0) {
            throw new IllegalArgumentException(elements + " elements in blocks of " + block
                    + " are not taken by this kernel: both must be multiples of 8, and addresses aligned");
        }
    }

    private static long blocks(long elements) {
        return Math.ceilDiv(elements, (long) THREADS * GROUP * STEPS);
    }
}
