package io.lorica.gguf;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/// One tensor of a file; nothing of it is read before [#decode].
///
/// @param name its name, such as `blk.0.attn_q.weight`
/// @param encoding how its elements are stored
/// @param shape its dimensions, rows before columns (files have them the other way round)
/// @param bytes gives its bytes
public record GgufTensor(String name, TensorEncoding encoding, long[] shape, Supplier<MemorySegment> bytes) {

    public GgufTensor {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /// How many elements it has.
    public long elements() {
        return LongStream.of(shape).reduce(1, (a, b) -> a * b);
    }

    /// The length of a row: the last dimension.
    public long columns() {
        return shape.length == 0 ? 1 : shape[shape.length - 1];
    }

    /// Writes the float32 values of a part.
    ///
    /// @param from the part's first element, where a block begins
    /// @param elements how many; whole blocks
    /// @param out where they go
    /// @param first the index there of the first
    public void decode(long from, long elements, MemorySegment out, long first) {
        encoding.decode(bytes.get(), encoding.bytes(from), out, first, elements);
    }
}
