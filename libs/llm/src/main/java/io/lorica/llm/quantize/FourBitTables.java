package io.lorica.llm.quantize;

import java.util.stream.IntStream;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// What a 4-bit code needs on a device; one for all matrices of a model. Its tensors belong to the scope that it was
/// made
/// in.
///
/// @param numbers what each code stands for, float32 `(16)`
/// @param bounds the middles between neighbouring numbers, float32 `(15)`
/// @param ascending the codes in the order of their numbers, float32 `(16)`
/// @param pairs for each byte the two float32 that it stands for, that of the high half first, as int64 `(256)`
record FourBitTables(Tensor numbers, Tensor bounds, Tensor ascending, Tensor pairs) {

    private static final int CODES = 16;

    static FourBitTables of(TensorScope scope, FourBitCode code) {
        float[] numbers = code.numbers();
        int[] order = code.ascending();
        float[] sorted = new float[CODES];
        float[] codes = new float[CODES];
        IntStream.range(0, CODES).forEach(i -> {
            sorted[i] = numbers[order[i]];
            codes[i] = order[i];
        });
        long[] pairs = IntStream.range(0, CODES * CODES)
                .mapToLong(value -> pair(numbers[value / CODES], numbers[value % CODES]))
                .toArray();
        return new FourBitTables(
                scope.floats(numbers, CODES),
                CodeBook.bounds(scope, sorted),
                scope.floats(codes, CODES),
                scope.longs(pairs, pairs.length));
    }

    /// The codes of the nearest numbers, two a byte, the first in the high half: x float32 `(N)` in [-1, 1], N even.
    Tensor pack(Tensor x) {
        Tensor codes = Tensors.rows(TensorScope.of(x).borrow(ascending), Tensors.bucketize(x, bounds));
        Tensor halves = codes.reshape(-1, 2);
        Tensor high = Tensors.narrow(halves, 1, 0, 1).mul(CODES);
        return high.addInPlace(Tensors.narrow(halves, 1, 1, 1)).reshape(-1).to(ElementType.U8);
    }

    /// The numbers of packed codes, float32, in the scope of the codes.
    Tensor unpack(Tensor packed) {
        try (Tensor index = packed.to(ElementType.I32)) {
            return Tensors.rows(TensorScope.of(packed).borrow(pairs), index).viewAs(ElementType.F32);
        }
    }

    /// Two numbers in 64 bits, in the order in which memory holds them.
    private static long pair(float first, float second) {
        return (long) Float.floatToRawIntBits(second) << Integer.SIZE
                | Integer.toUnsignedLong(Float.floatToRawIntBits(first));
    }
}
