package io.lorica.llm.weights;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.LongStream;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.tensor.TensorScope;

/// A tensor to be written, computed only when its turn comes.
///
/// @param name its name in the file
/// @param shape its dimensions
/// @param values gives its float32 values, contiguous; what is made on the way goes into the scope
public record TensorSource(String name, long[] shape, Function<TensorScope, NDArray> values) {

    public TensorSource {
        shape = shape.clone();
    }

    /// A tensor that exists already.
    public static TensorSource of(String name, NDArray tensor) {
        return new TensorSource(name, tensor.getShape().getShape(), scope -> tensor);
    }

    /// Tensors that exist already, in the map's order.
    public static List<TensorSource> all(SequencedMap<String, NDArray> tensors) {
        return tensors.entrySet().stream()
                .map((Map.Entry<String, NDArray> entry) -> of(entry.getKey(), entry.getValue()))
                .toList();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /// How many elements it has.
    public long size() {
        return LongStream.of(shape).reduce(1, (a, b) -> a * b);
    }
}
