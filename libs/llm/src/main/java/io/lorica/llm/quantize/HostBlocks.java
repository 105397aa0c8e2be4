package io.lorica.llm.quantize;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.LongStream;

import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;

/// Quantises tensors in host memory: block by block in one pass, on all processors. The tensor operations that do it on
/// a GPU take a pass over memory each and are some thirty times slower here; both give the same bits.
final class HostBlocks {

    private static final long BLOCKS_AT_ONCE = 1024;
    private static final float SMALLEST = 1e-38f;
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

    private HostBlocks() {}

    /// What makes codes of a block.
    interface Coder {

        /// Writes the codes of numbers in [-1, 1].
        ///
        /// @param first which element of the tensor the first of them is
        /// @param length how many there are
        void encode(float[] numbers, long first, int length);
    }

    /// Encodes x float32 `(N)` and writes the largest absolute value of each block.
    static void encode(Tensor x, Tensor largest, int block, Coder coder) {
        MemorySegment numbers = HostMemory.of(x);
        MemorySegment scales = HostMemory.of(largest);
        long count = x.elements();
        long blocks = Blocks.count(count, block);
        LongStream.range(0, (blocks + BLOCKS_AT_ONCE - 1) / BLOCKS_AT_ONCE)
                .parallel()
                .forEach(part -> {
                    float[] own = new float[block];
                    long end = Math.min(blocks, (part + 1) * BLOCKS_AT_ONCE);
                    for (long index = part * BLOCKS_AT_ONCE; index < end; index++) {
                        int length = (int) Math.min(block, count - index * block);
                        MemorySegment.copy(numbers, FLOAT, index * block * Float.BYTES, own, 0, length);
                        scales.setAtIndex(FLOAT, index, normalize(own, length));
                        coder.encode(own, index * block, length);
                    }
                });
    }

    /// Divides numbers by the largest absolute value of them, which it gives.
    private static float normalize(float[] numbers, int length) {
        float largest = 0;
        for (int i = 0; i < length; i++) {
            largest = Math.max(largest, Math.abs(numbers[i]));
        }
        float inverse = 1 / Math.max(largest, SMALLEST);
        for (int i = 0; i < length; i++) {
            numbers[i] *= inverse;
        }
        return largest;
    }
}
