package io.lorica.llm.weights;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// A tensor to be written or used, computed only when its turn comes, some rows at a time, so that no more than those
/// are in memory at once.
///
/// @param name its name in the file
/// @param shape its dimensions
/// @param rowsAtOnce how many rows are asked for at a time
/// @param rows gives some of its rows
public record TensorSource(String name, long[] shape, long rowsAtOnce, Rows rows) {

    /// Elements of a chunk at most, unless one row has more: 64 MiB in float32.
    public static final long CHUNK_ELEMENTS = 1L << 24;

    /// Gives rows of a tensor.
    public interface Rows {

        /// The rows from `first` on along the first axis, all elements where the tensor has no axis; what is made on
        /// the way goes into the scope.
        Tensor of(TensorScope scope, long first, long count);
    }

    /// Takes a chunk of rows, which is gone afterwards.
    public interface Taker {

        /// @param first the index of its first row
        void take(long first, Tensor rows);
    }

    public TensorSource {
        shape = shape.clone();
    }

    /// A tensor that is computed as a whole.
    ///
    /// @param values gives its values; what is made on the way goes into the scope
    public TensorSource(String name, long[] shape, Function<TensorScope, Tensor> values) {
        this(name, shape, count(shape), (scope, first, count) -> part(values.apply(scope), first, count, count(shape)));
    }

    /// A tensor that is computed row by row.
    public static TensorSource ofRows(String name, long[] shape, Rows rows) {
        return new TensorSource(name, shape, chunk(shape), rows);
    }

    /// A tensor that exists already.
    public static TensorSource of(String name, Tensor tensor) {
        long[] shape = tensor.shape();
        return ofRows(name, shape, (scope, first, count) -> part(scope.borrow(tensor), first, count, count(shape)));
    }

    /// A tensor of a file, on the process's device as the file has it.
    public static TensorSource of(String name, StoredTensor stored) {
        long[] shape = stored.shape();
        return ofRows(name, shape, (scope, first, count) -> stored.loadRows(scope, stored.type(), first, count));
    }

    /// Tensors that exist already, in the map's order.
    public static List<TensorSource> all(SequencedMap<String, Tensor> tensors) {
        return tensors.entrySet().stream()
                .map((Map.Entry<String, Tensor> entry) -> of(entry.getKey(), entry.getValue()))
                .toList();
    }

    /// The same tensor with something done to each chunk of its rows.
    public TensorSource mapped(UnaryOperator<Tensor> change) {
        return new TensorSource(
                name, shape, rowsAtOnce, (scope, first, count) -> change.apply(rows.of(scope, first, count)));
    }

    /// All rows in order, chunk by chunk.
    public void forEachChunk(Taker taker) {
        long all = count(shape);
        for (long first = 0; first < all; first += rowsAtOnce) {
            try (TensorScope scope = TensorScope.open("chunk")) {
                taker.take(first, rows.of(scope, first, Math.min(rowsAtOnce, all - first)));
            }
        }
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /// How many elements it has.
    public long size() {
        return LongStream.of(shape).reduce(1, (a, b) -> a * b);
    }

    /// How many rows of a tensor of that shape are a chunk.
    static long chunk(long... shape) {
        long all = count(shape);
        long width = LongStream.of(shape).skip(1).reduce(1, (a, b) -> a * b);
        return Math.clamp(CHUNK_ELEMENTS / Math.max(1, width), 1, Math.max(1, all));
    }

    private static long count(long... shape) {
        return shape.length == 0 ? 1 : shape[0];
    }

    private static Tensor part(Tensor whole, long first, long count, long all) {
        return count == all ? whole : Tensors.narrow(whole, 0, first, count);
    }
}
