package io.lorica.gguf;

import java.util.function.Consumer;
import java.util.stream.LongStream;

/// A tensor to be written, whose values are made only when its turn comes.
///
/// @param name its name in the file
/// @param encoding how its elements are stored
/// @param shape its dimensions, rows before columns
/// @param values writes its bytes
public record GgufOutput(String name, TensorEncoding encoding, long[] shape, Consumer<GgufSink> values) {

    public GgufOutput {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    /// How many bytes it takes in the file.
    public long bytes() {
        return encoding.bytes(LongStream.of(shape).reduce(1, (a, b) -> a * b));
    }
}
