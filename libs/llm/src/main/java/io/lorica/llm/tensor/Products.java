package io.lorica.llm.tensor;

/// Matrix products into memory that the caller gives. Nothing is recorded. Matrices may be parts or
/// transposes of others, as long as one of their axes has no gaps.
public final class Products {

    private Products() {}

    /// out = a · b
    ///
    /// @param out `(M, N)`
    /// @param a `(M, K)`
    /// @param b `(K, N)`
    public static void multiply(Tensor out, Tensor a, Tensor b) {
        try (Factor left = Factor.of(a);
                Factor right = Factor.of(b)) {
            int status = (int) LibTorch.MULTIPLY.invokeExact(out.handle(), left.handle(), right.handle());
            LibTorch.check(status, "mm", a, b);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    /// out = summand + factor · a · b
    ///
    /// @param out `(M, N)`
    /// @param summand `(M, N)`, or `(N)` for each row; it may be `out` itself
    /// @param a `(M, K)`
    /// @param b `(K, N)`
    public static void addMultiply(Tensor out, Tensor summand, Tensor a, Tensor b, double factor) {
        addMultiply(out, summand, a, b, 1, factor);
    }

    /// out = factor · a · b
    public static void multiply(Tensor out, Tensor a, Tensor b, double factor) {
        addMultiply(out, out, a, b, 0, factor);
    }

    private static void addMultiply(Tensor out, Tensor summand, Tensor a, Tensor b, double keep, double factor) {
        try (Factor left = Factor.of(a);
                Factor right = Factor.of(b)) {
            int status = (int) LibTorch.ADD_MULTIPLY.invokeExact(
                    out.handle(), summand.handle(), left.handle(), right.handle(), (float) keep, (float) factor);
            LibTorch.check(status, "addmm", summand, a, b);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }

    /// A matrix as a product may take it: in 16 bits on a processor without gaps. On processors with AMX oneDNN
    /// reads some elements of the gaps and multiplies them with zeros, so what was never written there makes
    /// results no numbers.
    ///
    /// @param matrix what is multiplied
    /// @param copied whether it is a copy
    private record Factor(Tensor matrix, boolean copied) implements AutoCloseable {

        static Factor of(Tensor matrix) {
            boolean exposed = !TensorDevice.current().gpu() && matrix.type().bytes() == Short.BYTES && gaps(matrix);
            return exposed ? new Factor(matrix.duplicate(), true) : new Factor(matrix, false);
        }

        private static boolean gaps(Tensor matrix) {
            long rows = matrix.size(0);
            long columns = matrix.size(1);
            boolean byRows = matrix.stride(1) == 1 && matrix.stride(0) == columns;
            boolean byColumns = matrix.stride(0) == 1 && matrix.stride(1) == rows;
            return !byRows && !byColumns;
        }

        long handle() {
            return matrix.handle();
        }

        @Override
        public void close() {
            if (copied) {
                matrix.close();
            }
        }
    }
}
