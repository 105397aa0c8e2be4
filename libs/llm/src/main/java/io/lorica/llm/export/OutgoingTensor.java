package io.lorica.llm.export;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.gguf.GgufOutput;
import io.lorica.gguf.GgufSink;
import io.lorica.gguf.TensorEncoding;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.HostMemory;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.TensorSource;

/// A tensor on its way into a GGUF file: put into llama.cpp's order of rows and rounded once.
///
/// @param source its values
/// @param heads how many heads its rows belong to, 0 where they keep their order
record OutgoingTensor(TensorSource source, int heads) {

    /// A tensor of an adapter, times a factor.
    static OutgoingTensor of(Tensor tensor, double factor, int heads) {
        TensorSource source = new TensorSource(
                "adapter", tensor.shape(), scope -> scope.borrow(tensor).mul(factor));
        return new OutgoingTensor(source, heads);
    }

    /// The tensor as a file has it. Vectors stay in float32, and rows that are no whole blocks become float16.
    GgufOutput output(String name, TensorEncoding wanted) {
        TensorEncoding encoding = encoding(wanted);
        return new GgufOutput(name, encoding, source.shape(), sink -> write(name, sink, encoding));
    }

    private TensorEncoding encoding(TensorEncoding wanted) {
        long[] shape = source.shape();
        if (shape.length < 2) {
            return TensorEncoding.F32;
        }
        return shape[shape.length - 1] % wanted.blockElements() == 0 ? wanted : TensorEncoding.F16;
    }

    private void write(String name, GgufSink sink, TensorEncoding encoding) {
        if (heads == 0) {
            source.forEachChunk((_, rows) -> write(name, sink, encoding, rows));
            return;
        }
        try (TensorScope scope = TensorScope.open("export")) {
            write(name, sink, encoding, ordered(source.rows().of(scope, 0, source.shape()[0])));
        }
    }

    private static void write(String name, GgufSink sink, TensorEncoding encoding, Tensor rows) {
        switch (encoding) {
            case F16 -> HostMemory.read(finite(name, rows.to(ElementType.F16)), ElementType.F16, sink::write);
            case BF16 -> HostMemory.read(rows, ElementType.BF16, sink::write);
            case Q8_0 -> HostMemory.read(rows, ElementType.F32, sink::writeQ80);
            case F32, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K, Q6_K -> HostMemory.read(rows, ElementType.F32, sink::write);
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
        long half = source.shape()[0] / heads / 2;
        return tensor.reshape(heads, 2, half, -1).transpose(1, 2).contiguous().reshape(source.shape());
    }
}
