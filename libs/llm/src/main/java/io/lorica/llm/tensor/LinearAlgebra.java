package io.lorica.llm.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

import org.jboss.logging.Logger;

/// Decompositions of matrices. Results belong to the scope of the matrix. Where libtorch has none on the GPU, for want
/// of
/// cuSOLVER or of memory for it, they are made on the host.
public final class LinearAlgebra {

    private static final Logger LOG = Logger.getLogger(LinearAlgebra.class);
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
        List<Tensor> parts = hereOrOnHost(
                matrix, matrix.onGpu(), x -> SVD.callAll(SVD_RESULTS, x, Argument.of(true), Argument.of(true)));
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
        return hereOrOnHost(matrix, matrix.onGpu(), x -> QR.callAll(QR_RESULTS, x, Argument.of(true)))
                .getFirst();
    }

    /// What a decomposition gives where the matrix is; or on the host, brought back, where that fails on a GPU.
    static List<Tensor> hereOrOnHost(Tensor matrix, boolean gpu, Function<Tensor, List<Tensor>> decomposition) {
        try {
            return decomposition.apply(matrix);
        } catch (TensorException e) {
            if (!gpu) {
                throw e;
            }
            LOG.infof("a matrix of %s is decomposed on the host: %s", Arrays.toString(matrix.shape()), e.getMessage());
        }
        try (TensorScope work = TensorScope.of(matrix).child("on-host")) {
            List<Tensor> parts = decomposition.apply(work.adopt(matrix.copyTo(TensorDevice.cpu())));
            return parts.stream()
                    .map(part -> work.handOn(part.onCurrentDevice(), matrix))
                    .toList();
        }
    }
}
