package io.lorica.llm.tensor;

import java.util.List;

/// Decompositions of matrices. Results belong to the scope of the matrix.
public final class LinearAlgebra {

    private static final Operation SVD = new Operation("aten::svd", "");
    private static final Operation QR = new Operation("aten::qr", "");
    private static final int SVD_RESULTS = 3;
    private static final int QR_RESULTS = 2;

    private LinearAlgebra() {}

    /// U · diag(S) · Vᵀ with the singular values in falling order.
    ///
    /// @param u left singular vectors, `(m, k)`
    /// @param s singular values, `(k)`
    /// @param v right singular vectors, `(n, k)`
    public record SingularValues(Tensor u, Tensor s, Tensor v) {}

    /// Decomposes a float32 matrix `(m, n)`, k being the smaller of both.
    public static SingularValues singularValues(Tensor matrix) {
        List<Tensor> parts = SVD.callAll(SVD_RESULTS, matrix, Argument.of(true), Argument.of(true));
        return new SingularValues(parts.get(0), parts.get(1), parts.get(2));
    }

    /// Decomposes a float32 matrix `(m, n)` approximately, for the k greatest singular values only: within the
    /// subspace that the matrix maps random vectors to, taken closer to the greatest in each round
    /// (https://arxiv.org/abs/0909.4061, algorithms 4.4 and 5.1).
    ///
    /// @param random start vectors, `(n, k)`, of a normal distribution
    /// @param rounds how often the matrix and its transpose are applied once more
    public static SingularValues greatestSingularValues(Tensor matrix, Tensor random, int rounds) {
        Tensor basis = orthonormal(matrix.matMul(random)); // (m, k)
        Tensor transposed = matrix.transpose(0, 1);
        for (int round = 0; round < rounds; round++) {
            basis = orthonormal(matrix.matMul(orthonormal(transposed.matMul(basis))));
        }
        SingularValues inner = singularValues(basis.transpose(0, 1).matMul(matrix)); // of (k, n)
        return new SingularValues(basis.matMul(inner.u()), inner.s(), inner.v());
    }

    /// Orthonormal columns that span the same space.
    private static Tensor orthonormal(Tensor matrix) {
        return QR.callAll(QR_RESULTS, matrix, Argument.of(true)).getFirst();
    }
}
