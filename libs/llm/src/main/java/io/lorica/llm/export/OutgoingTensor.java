package io.lorica.llm.export;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.gguf.GgufOutput;
import io.lorica.gguf.GgufSink;
import io.lorica.gguf.TensorEncoding;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.StoredTensor;

/// A tensor on its way into a GGUF file: put into llama.cpp's order of rows and rounded once.
///
/// @param shape its dimensions
/// @param heads how many heads its rows belong to, 0 where they keep their order
/// @param values gives its values
record OutgoingTensor(long[] shape, int heads, Values values) {

    /// Gives a tensor's values.
    interface Values {

        /// The values, in that type and on the CPU.
        Tensor in(TensorScope scope, ElementType type);
    }

    OutgoingTensor {
        shape = shape.clone();
    }

    /// A tensor of a model.
    static OutgoingTensor of(StoredTensor stored, int heads) {
        return new OutgoingTensor(stored.shape(), heads, (scope, type) -> {
            Tensor tensor = scope.empty(type, TensorDevice.cpu(), stored.shape());
            stored.loadInto(tensor);
            return tensor;
        });
    }

    /// A tensor of an adapter, times a factor.
    static OutgoingTensor of(Tensor tensor, double factor, int heads) {
        return new OutgoingTensor(
                tensor.shape(),
                heads,
                (scope, type) -> scope.borrow(tensor)
                        .copyTo(TensorDevice.cpu())
                        .mul(factor)
                        .to(type));
    }

    /// The tensor as a file has it. Vectors stay in float32, and rows that are no whole blocks become float16.
    GgufOutput output(String name, TensorEncoding wanted) {
        TensorEncoding encoding = encoding(wanted);
        return new GgufOutput(name, encoding, shape, sink -> write(name, sink, encoding));
    }

    private TensorEncoding encoding(TensorEncoding wanted) {
        if (shape.length < 2) {
            return TensorEncoding.F32;
        }
        return shape[shape.length - 1] % wanted.blockElements() == 0 ? wanted : TensorEncoding.F16;
    }

    private void write(String name, GgufSink sink, TensorEncoding encoding) {
        try (TensorScope scope = TensorScope.open("export")) {
            switch (encoding) {
                case F16 -> sink.write(HostMemory.of(finite(name, ordered(values.in(scope, ElementType.F16)))));
                case BF16 -> sink.write(HostMemory.of(ordered(values.in(scope, ElementType.BF16))));
                case Q8_0 -> sink.writeQ80(HostMemory.of(ordered(values.in(scope, ElementType.F32))));
                case F32, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K ->
                    sink.write(HostMemory.of(ordered(values.in(scope, ElementType.F32))));
            }
        }
    }

    private static Tensor finite(String name, Tensor halves) {
        if (!halves.allFinite()) {
            throw ProductException.of(
                    ErrorCode.UNSUPPORTED_MODEL,
                    "The tensor " + name + " has values beyond float16, which ends at 65504. Write bf16 instead.");
        }
        return halves;
    }

    /// Rows of queries and keys so that the two elements of a rotated pair are neighbours.
    private Tensor ordered(Tensor tensor) {
        if (heads == 0) {
            return tensor.contiguous();
        }
        long half = shape[0] / heads / 2;
        return tensor.reshape(heads, 2, half, -1).transpose(1, 2).contiguous().reshape(shape);
    }
}
