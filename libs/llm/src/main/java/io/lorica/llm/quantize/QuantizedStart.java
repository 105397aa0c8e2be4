package io.lorica.llm.quantize;

import io.lorica.llm.tensor.LinearAlgebra;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// LoftQ (https://arxiv.org/abs/2310.08659, algorithm 1): a matrix W in few bits, Q, and an adapter that starts with
/// what
/// the bits lose. In turns, Q becomes the nearest to W - s·B·A, and B·A the nearest of its rank to (W - Q) / s.
///
/// The paper and PEFT leave the adapter's scale s out of it, which is right only where it is 1; here √s is divided out
/// of
/// A and of B.
///
/// @param base Q
/// @param a A, `(rank, in)`
/// @param b B, `(out, rank)`
public record QuantizedStart(QuantizedMatrix base, Tensor a, Tensor b) {

    /// Starts an adapter, in a scope.
    ///
    /// @param weight W, float32 `(out, in)`
    /// @param scale s
    /// @param rounds how many turns
    /// @throws IllegalArgumentException when the rank is larger than the matrix
    public static QuantizedStart of(
            TensorScope scope, Tensor weight, Quantizer quantizer, int rank, double scale, int rounds) {
        long most = Math.min(weight.size(0), weight.size(1));
        if (rank > most) {
            throw new IllegalArgumentException(
                    "init_lora_weights loftq goes with a rank of at most " + most + " here, not " + rank);
        }
        try (TensorScope work = scope.child("quantized-start")) {
            Tensor target = work.borrow(weight);
            for (int round = 1; round < rounds; round++) {
                QuantizedStart start = turn(work, work, weight, target, quantizer, rank, 1);
                target = work.borrow(weight).sub(start.b().matMul(start.a()));
            }
            return turn(scope, work, weight, target, quantizer, rank, scale);
        }
    }

    private static QuantizedStart turn(
            TensorScope scope,
            TensorScope work,
            Tensor weight,
            Tensor target,
            Quantizer quantizer,
            int rank,
            double scale) {
        QuantizedMatrix base = quantizer.quantize(scope, target);
        Tensor lost = work.borrow(weight).sub(base.dequantize(work, weight.type()));
        LinearAlgebra.SingularValues parts = LinearAlgebra.singularValues(lost);
        Tensor root = Tensors.narrow(parts.s(), 0, 0, rank).mul(1 / scale).sqrt();
        Tensor a = Tensors.narrow(parts.v(), 1, 0, rank).mul(root).transpose(0, 1);
        Tensor b = Tensors.narrow(parts.u(), 1, 0, rank).mul(root);
        return new QuantizedStart(base, kept(scope, a), kept(scope, b));
    }

    private static Tensor kept(TensorScope scope, Tensor tensor) {
        return scope.adopt(tensor.duplicate().contiguous());
    }
}
