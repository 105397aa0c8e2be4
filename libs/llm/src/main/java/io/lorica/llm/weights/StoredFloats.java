package io.lorica.llm.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

import io.lorica.llm.tensor.ElementType;

/// The values of small tensors, such as scales.
final class StoredFloats {

    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private StoredFloats() {}

    /// The values, empty where they are no floating-point numbers of 16 or 32 bits.
    static Optional<float[]> read(MappedTensor tensor) {
        if (!tensor.type().holdsWeights()) {
            return Optional.empty();
        }
        int bytes = tensor.type().bytes();
        float[] values = new float[Math.toIntExact(tensor.memory().byteSize() / bytes)];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(tensor.memory(), tensor.type(), (long) i * bytes);
        }
        return Optional.of(values);
    }

    private static float value(MemorySegment memory, ElementType type, long at) {
        return switch (type) {
            case F16 -> Float.float16ToFloat(memory.get(SHORT, at));
            case BF16 -> Float.intBitsToFloat(memory.get(SHORT, at) << 16);
            default -> memory.get(FLOAT, at);
        };
    }
}
