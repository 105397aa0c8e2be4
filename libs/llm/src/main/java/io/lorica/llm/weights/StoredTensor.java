package io.lorica.llm.weights;

import java.lang.foreign.MemorySegment;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// One tensor in a mapped file; nothing is read before [#load].
///
/// @param name its name, such as `model.norm.weight`
/// @param type how its elements are stored
/// @param shape its dimensions
/// @param memory its bytes
public record StoredTensor(String name, ElementType type, long[] shape, MemorySegment memory) {

    public StoredTensor {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /// A float32 copy in a scope.
    public Tensor load(TensorScope scope) {
        return load(scope, ElementType.F32);
    }

    /// Fills a tensor of its shape.
    public void loadInto(Tensor target) {
        HostMemory.copyInto(target, memory, type);
    }

    /// A copy of that type in a scope.
    public Tensor load(TensorScope scope, ElementType target) {
        return HostMemory.toTensor(scope, memory, type, target, shape);
    }
}
