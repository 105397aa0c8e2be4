package io.lorica.llm.quantize;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// 256 numbers in ascending order, and the bounds between those that are nearest. Its tensors belong to the scope that
/// it was made in.
///
/// @param numbers what the codes stand for, float32 `(256)`
/// @param bounds the middles between neighbours, float32 `(255)`
public record CodeBook(Tensor numbers, Tensor bounds) {

    /// The dynamic code for numbers of either sign.
    public static CodeBook signed(TensorScope scope) {
        return of(scope, DynamicCode.signed());
    }

    /// The dynamic code for numbers that are not negative.
    public static CodeBook unsigned(TensorScope scope) {
        return of(scope, DynamicCode.unsigned());
    }

    /// The code of the nearest number for each element of x `(N)`, which lies in [-1, 1].
    public Tensor encode(Tensor x) {
        return Tensors.bucketize(x, bounds).to(ElementType.U8);
    }

    /// What codes `(N)` stand for, in their scope.
    public Tensor decode(Tensor codes) {
        return Tensors.rows(TensorScope.of(codes).borrow(numbers), codes.to(ElementType.I32));
    }

    private static CodeBook of(TensorScope scope, float[] numbers) {
        return new CodeBook(scope.floats(numbers, numbers.length), bounds(scope, numbers));
    }

    static Tensor bounds(TensorScope scope, float[] ascending) {
        float[] bounds = new float[ascending.length - 1];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = (ascending[i] + ascending[i + 1]) / 2;
        }
        return scope.floats(bounds, bounds.length);
    }
}
