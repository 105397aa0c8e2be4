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
        try {
            int status = (int) LibTorch.MULTIPLY.invokeExact(out.handle(), a.handle(), b.handle());
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
        try {
            int status = (int) LibTorch.ADD_MULTIPLY.invokeExact(
                    out.handle(), summand.handle(), a.handle(), b.handle(), (float) keep, (float) factor);
            LibTorch.check(status, "addmm", summand, a, b);
        } catch (Throwable e) {
            throw LibTorch.rethrow(e);
        }
    }
}
