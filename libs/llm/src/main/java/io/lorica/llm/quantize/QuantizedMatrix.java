package io.lorica.llm.quantize;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;

/// A matrix whose elements are kept in few bits, in row-major blocks of [#BLOCK] elements with a scale each.
public sealed interface QuantizedMatrix permits FourBitMatrix, EightBitMatrix {

    /// Elements of a block.
    int BLOCK = 64;

    /// The whole matrix as numbers of a type, in a scope.
    default Tensor dequantize(TensorScope scope, ElementType type) {
        Tensor numbers = scope.empty(type, device(), rows(), columns());
        dequantizeInto(numbers);
        return numbers;
    }

    /// Writes the whole matrix as numbers.
    ///
    /// @param target `(rows, columns)` of any type, without gaps
    void dequantizeInto(Tensor target);

    /// Where it lies.
    TensorDevice device();

    /// Takes over the elements of another matrix of the same shape and format.
    void set(QuantizedMatrix other);

    /// How many rows it has.
    long rows();

    /// How many columns it has.
    long columns();

    /// How many bytes it takes in memory.
    long bytes();
}
