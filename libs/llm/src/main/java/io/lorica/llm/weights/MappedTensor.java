package io.lorica.llm.weights;

import java.lang.foreign.MemorySegment;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;

/// A tensor whose elements lie in a mapped file one by one.
///
/// @param name its name
/// @param type how its elements are stored
/// @param shape its dimensions
/// @param memory its bytes
record MappedTensor(String name, ElementType type, long[] shape, MemorySegment memory) implements StoredTensor {

    MappedTensor {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    @Override
    public boolean decoded() {
        return false;
    }

    @Override
    public boolean finite() {
        return StoredNumbers.finite(memory, type);
    }

    @Override
    public void loadInto(Tensor target) {
        HostMemory.copyInto(target, memory, type);
    }
}
