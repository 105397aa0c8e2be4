package io.lorica.llm.cuda;

import org.jspecify.annotations.Nullable;

/// AdamW over all tensors in one launch: m ← β₁m + (1-β₁)g, v ← β₂v + (1-β₂)g², p ← p(1-ηλ) - η · m̂ / (√v̂ +
/// ε) (https://arxiv.org/abs/1711.05101). Nothing waits for the host: norm, factor and step lie in the
/// device's memory, so a graph of it can run again for another step.
public final class AdamWKernel {

    private static final String SOURCE = "adam_w.cu";
    private static final int THREADS = 256;
    /// Blocks of the kernel for 8 bits that a multiprocessor runs at the same time.
    private static final int BLOCKS_OF_MULTIPROCESSOR = 3;

    private final CudaFunction sumSquares;
    private final CudaFunction clip;
    private final CudaFunction update;
    private final CudaFunction updateEightBit;
    private final int residentBlocks;

    /// @param copies the type of the tensors' copies
    public AdamWKernel(Kernels kernels, Precision copies) {
        this.sumSquares = kernels.function(SOURCE, copies, "sum_squares");
        this.clip = kernels.function(SOURCE, copies, "clip");
        this.update = kernels.function(SOURCE, copies, "adam_w");
        this.updateEightBit = kernels.function(SOURCE, copies, "adam_w_eight_bit");
        this.residentBlocks = BLOCKS_OF_MULTIPROCESSOR * updateEightBit.device().multiprocessors();
    }

    /// What happens to gradients around an update.
    ///
    /// @param norm whose factor they are multiplied with, if any; where that is no number, nothing is updated
    /// @param clear whether they are 0 afterwards
    public record Gradients(@Nullable GradientNorm norm, boolean clear) {}

    /// Computes the norm of all gradients together, and the factor that brings it down to a bound.
    public void norm(long stream, GradientNorm norm, GradientNorm.Bound bound) {
        int chunks = 0;
        for (AdamWTensors tensors : norm.lists()) {
            Arguments.begin()
                    .add(tensors.parameters())
                    .add(tensors.chunks())
                    .add(norm.partials() + (long) chunks * Float.BYTES)
                    .launch(sumSquares, stream, tensors.chunkCount(), THREADS);
            chunks += tensors.chunkCount();
        }
        Arguments.begin()
                .add(norm.partials())
                .addInt(chunks)
                .addFloat(1 / bound.scale())
                .addFloat(bound.most())
                .add(bound.loss())
                .add(norm.address())
                .launch(clip, stream, 1, THREADS);
    }

    /// Moves tensors whose moments are float32, for the step that was set last.
    public void update(long stream, AdamWTensors tensors, Gradients gradients) {
        begin(tensors, gradients).launch(update, stream, tensors.chunkCount(), THREADS);
    }

    /// Moves tensors whose moments are in 8 bits (https://arxiv.org/abs/2110.02861).
    ///
    /// @param firstNumbers what the codes of the means stand for, ascending, float32 `(256)`
    /// @param secondNumbers what the codes of the variances stand for, ascending, float32 `(256)`
    public void updateEightBit(
            long stream, AdamWTensors tensors, Gradients gradients, long firstNumbers, long secondNumbers) {
        begin(tensors, gradients)
                .add(firstNumbers)
                .add(secondNumbers)
                .addInt(tensors.chunkCount())
                .launch(updateEightBit, stream, Math.min(tensors.chunkCount(), residentBlocks), THREADS);
    }

    private static Arguments begin(AdamWTensors tensors, Gradients gradients) {
        return Arguments.begin()
                .add(tensors.parameters())
                .add(tensors.chunks())
                .add(tensors.step())
                .add(gradients.norm() == null ? 0 : gradients.norm().address())
                .addInt(gradients.clear() ? 1 : 0);
    }
}
