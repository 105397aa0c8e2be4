package io.lorica.llm.quantize;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The scale of each block of a matrix.
public sealed interface BlockScales {

    /// The scales as float32, in a scope; what is stored may be handed out and must not be changed.
    Tensor values(TensorScope scope);

    /// Takes over other scales, as many and kept alike.
    void set(BlockScales other);

    /// How many bytes they take in memory.
    long bytes();

    /// Kept as they are.
    ///
    /// @param scales float32
    record Full(Tensor scales) implements BlockScales {

        @Override
        public Tensor values(TensorScope scope) {
            return scope.borrow(scales);
        }

        @Override
        public void set(BlockScales other) {
            if (!(other instanceof Full same)) {
                throw new IllegalArgumentException("scales in full cannot take over quantised ones");
            }
            Tensors.copyInto(scales, same.scales);
        }

        @Override
        public long bytes() {
            return scales.bytes();
        }
    }

    /// Kept in 8 bits around their mean: double quantisation (QLoRA, section 3).
    ///
    /// @param differences what they are above the mean
    /// @param mean float32 `(1)`
    record Quantized(ByteBlocks differences, Tensor mean) implements BlockScales {

        /// The nearest that 8 bits can do.
        static Quantized of(CodeBook book, Tensor scales) {
            Tensor mean = mean(scales);
            return new Quantized(ByteBlocks.of(book, scales.sub(mean)), mean);
        }

        /// Summed on the CPU whatever the device, since the order of a sum decides about codes between two numbers.
        private static Tensor mean(Tensor scales) {
            try (Tensor here = scales.copyTo(TensorDevice.cpu())) {
                Tensor mean = here.sum().divInPlace((double) scales.elements()).reshape(1);
                return scales.onGpu() ? mean.copyTo(TensorDevice.current()) : mean;
            }
        }

        @Override
        public Tensor values(TensorScope scope) {
            return differences.values(scope).addInPlace(mean);
        }

        @Override
        public void set(BlockScales other) {
            if (!(other instanceof Quantized same)) {
                throw new IllegalArgumentException("quantised scales cannot take over those in full");
            }
            differences.set(same.differences);
            Tensors.copyInto(mean, same.mean);
        }

        @Override
        public long bytes() {
            return differences.bytes() + mean.bytes();
        }
    }
}
