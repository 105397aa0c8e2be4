package io.lorica.llm.weights;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.LongStream;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// A tensor to be written, computed only when its turn comes.
///
/// @param name its name in the file
/// @param shape its dimensions
/// @param values gives its values; what is made on the way goes into the scope
public record TensorSource(String name, long[] shape, Function<TensorScope, Tensor> values) {

    public TensorSource {
        shape = shape.clone();
    }

    /// A tensor that exists already.
    public static TensorSource of(String name, Tensor tensor) {
        return new TensorSource(name, tensor.shape(), scope -> tensor);
    }

    /// Tensors that exist already, in the map's order.
    public static List<TensorSource> all(SequencedMap<String, Tensor> tensors) {
        return tensors.entrySet().stream()
                .map((Map.Entry<String, Tensor> entry) -> of(entry.getKey(), entry.getValue()))
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
