package io.lorica.llm.quantize;

import java.util.List;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Equal runs of a flat tensor that share one scale each. The last may be shorter.
final class Blocks {

    // As in bitsandbytes: a block of zeros is divided by something.
    private static final double SMALLEST = 1e-38;

    private Blocks() {}

    /// How many blocks so many elements have.
    static long count(long elements, int length) {
        return (elements + length - 1) / length;
    }

    /// The largest absolute value of each block of x `(N)`.
    static Tensor largest(Tensor x, int length) {
        long whole = x.elements() / length;
        long rest = x.elements() % length;
        Tensor main = Tensors.narrow(x, 0, 0, whole * length)
                .reshape(whole, length)
                .abs()
                .max(1);
        if (rest == 0) {
            return main;
        }
        Tensor last = Tensors.narrow(x, 0, whole * length, rest).abs().max().reshape(1);
        return whole == 0 ? last : Tensor.concat(List.of(main, last), 0);
    }

    /// Multiplies each block of x `(N)` by its factor. What is made on the way belongs to the scope of x.
    static void multiplyInPlace(Tensor x, Tensor given, int length) {
        Tensor factors = TensorScope.of(x).borrow(given);
        long whole = x.elements() / length;
        long rest = x.elements() % length;
        Tensors.narrow(x, 0, 0, whole * length)
                .reshape(whole, length)
                .mulInPlace(Tensors.narrow(factors, 0, 0, whole).reshape(whole, 1));
        if (rest > 0) {
            Tensors.narrow(x, 0, whole * length, rest).mulInPlace(Tensors.narrow(factors, 0, whole, 1));
        }
    }

    /// A copy of x `(N)` with each block divided by the largest absolute value in it.
    static Tensor normalized(Tensor x, Tensor largest, int length) {
        Tensor copy = x.duplicate();
        multiplyInPlace(copy, largest.atLeast(SMALLEST).reciprocal(), length);
        return copy;
    }
}
