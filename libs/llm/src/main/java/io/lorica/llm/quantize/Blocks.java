package io.lorica.llm.quantize;

import java.util.List;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Equal runs of a flat tensor that share one scale each. The last may be shorter.
final class Blocks {

    // As in bitsandbytes: a block of zeros is divided by something.
    private static final double SMALLEST = 1e-38;

    /// Elements brought to few bits at a time by operations, whose results on the way are several times
    /// their size.
    private static final long STRETCH = 1L << 24;

    /// What is done with a stretch of a flat tensor.
    interface Stretch {

        /// @param from where it begins
        /// @param part its elements, float32
        void take(TensorScope work, long from, Tensor part);
    }

    private Blocks() {}

    /// Goes through x `(N)` in stretches of whole blocks, of which each has an even number of elements but
    /// the last.
    static void inStretches(Tensor x, int block, Stretch stretch) {
        long even = 2L * block;
        long length = Math.max(1, STRETCH / even) * even;
        for (long from = 0; from < x.elements(); from += length) {
            try (TensorScope work = TensorScope.of(x).child("stretch")) {
                Tensor part = Tensors.narrow(work.borrow(x), 0, from, Math.min(length, x.elements() - from));
                stretch.take(work, from, part.to(ElementType.F32));
            }
        }
    }

    /// Puts values `(n)` into x `(N)`.
    ///
    /// @param from where they begin
    static void put(Tensor x, long from, Tensor values) {
        Tensors.copyInto(Tensors.narrow(x, 0, from, values.elements()), values);
    }

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
