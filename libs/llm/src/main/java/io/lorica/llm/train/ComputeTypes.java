package io.lorica.llm.train;

import io.lorica.contracts.job.ComputeType;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorDevice;

/// Which numbers a run computes in, on the device of this process.
final class ComputeTypes {

    private ComputeTypes() {}

    /// The type of a wish; `AUTO` is what the device computes in best.
    static ElementType of(ComputeType wish) {
        return switch (wish) {
            case AUTO -> TensorDevice.current().bestType();
            case FLOAT32 -> ElementType.F32;
            case BFLOAT16 -> ElementType.BF16;
            case FLOAT16 -> ElementType.F16;
        };
    }
}
