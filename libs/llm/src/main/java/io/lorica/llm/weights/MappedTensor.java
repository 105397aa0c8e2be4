package io.lorica.llm.weights;

import java.lang.foreign.MemorySegment;
import java.util.Optional;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

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
    public Optional<Tensor> inPlace(TensorScope scope) {
        boolean aligned = memory.address() % type.bytes() == 0;
        return aligned ? Optional.of(scope.over(memory, type, shape)) : Optional.empty();
    }

    @Override
    public void loadInto(Tensor target) {
        if (shape.length == 0) {
            HostMemory.copyInto(target, memory, type);
        } else {
            loadRowsInto(target, 0);
        }
    }

    @Override
    public void loadRowsInto(Tensor target, long first) {
        long count = target.size(0);
        long ofRow = shape[0] == 0 ? 0 : memory.byteSize() / shape[0];
        long atOnce = TensorSource.chunk(shape);
        try (TensorScope scope = TensorScope.open("rows")) {
            Tensor whole = scope.borrow(target);
            for (long done = 0; done < count; done += atOnce) {
                long rows = Math.min(atOnce, count - done);
                MemorySegment part = memory.asSlice((first + done) * ofRow, rows * ofRow);
                HostMemory.copyInto(Tensors.narrow(whole, 0, done, rows), part, type);
                MappedPages.release(part);
            }
        }
    }
}
