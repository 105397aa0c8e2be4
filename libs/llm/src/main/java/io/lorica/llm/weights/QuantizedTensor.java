package io.lorica.llm.weights;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

import io.lorica.gguf.GgufTensor;
import io.lorica.gguf.HeadRows;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// A tensor of a GGUF file. Quantised elements become float32 in pieces of a few MiB, so that a model of
/// any size needs no more than that beside its tensors.
///
/// @param name its name in Hugging Face's layout
/// @param stored the tensor as it lies in the file
/// @param rows the order of its rows there, null where it is the usual one
record QuantizedTensor(
        String name, GgufTensor stored, @Nullable HeadRows rows) implements StoredTensor {

    private static final long ELEMENTS_AT_ONCE = 1 << 20;

    @Override
    public ElementType type() {
        return switch (stored.encoding()) {
            case F16 -> ElementType.F16;
            case BF16 -> ElementType.BF16;
            case F32, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K -> ElementType.F32;
        };
    }

    @Override
    public long[] shape() {
        return stored.shape();
    }

    @Override
    public boolean decoded() {
        return !stored.encoding().plain();
    }

    @Override
    public boolean finite() {
        return decoded() || StoredNumbers.finite(stored.bytes().get(), type());
    }

    @Override
    public void loadInto(Tensor target) {
        load(target, 0, stored.elements());
    }

    @Override
    public void loadRowsInto(Tensor target, long first) {
        load(target, first, target.elements());
    }

    /// @param first the index of the first row
    /// @param elements how many elements are read, whole rows
    private void load(Tensor target, long first, long elements) {
        long columns = stored.shape().length > 1 ? stored.columns() : 1;
        long all = columns == 0 ? 0 : elements / columns;
        long atOnce = Math.clamp(ELEMENTS_AT_ONCE / Math.max(1, columns), 1, Math.max(1, all));
        try (Arena arena = Arena.ofConfined();
                TensorScope scope = TensorScope.open("dequantize")) {
            MemorySegment piece = arena.allocate(ValueLayout.JAVA_FLOAT, atOnce * columns);
            Tensor whole = scope.borrow(target);
            for (long done = 0; done < all; done += atOnce) {
                long count = Math.min(atOnce, all - done);
                copy(Tensors.narrow(whole, 0, done, count), first + done, columns, piece);
                MappedPages.release(stored.bytes().get());
            }
        }
    }

    private void copy(Tensor target, long first, long columns, MemorySegment piece) {
        long count = target.size(0);
        if (stored.encoding().plain() && rows == null) {
            long ofRow = columns * type().bytes();
            HostMemory.copyInto(target, stored.bytes().get().asSlice(first * ofRow, count * ofRow), type());
            return;
        }
        decode(first, count, columns, piece);
        HostMemory.copyInto(target, piece.asSlice(0, count * columns * Float.BYTES), ElementType.F32);
    }

    private void decode(long first, long count, long columns, MemorySegment piece) {
        HeadRows order = rows;
        if (order == null) {
            stored.decode(first * columns, count * columns, piece, 0);
            return;
        }
        for (long row = 0; row < count; row++) {
            stored.decode(order.stored(first + row) * columns, columns, piece, row * columns);
        }
    }
}
