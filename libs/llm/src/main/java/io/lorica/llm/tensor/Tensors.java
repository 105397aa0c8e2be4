package io.lorica.llm.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import org.jspecify.annotations.Nullable;

/// Operations that the transformer needs and DJL lacks or does more slowly. Dimensions: B rows, T positions, H heads,
/// D elements of a head, E elements of a hidden state. Each result belongs to the scope of the first tensor.
public final class Tensors {

    private static final Operation LINEAR = new Operation("aten::linear", "");
    private static final Operation SILU = new Operation("aten::silu", "");
    private static final Operation DROPOUT = new Operation("aten::dropout", "");
    private static final Operation EMBEDDING = new Operation("aten::embedding", "");
    private static final Operation INDEX_SELECT = new Operation("aten::index_select", "");
    private static final Operation NARROW = new Operation("aten::narrow", "");
    private static final Operation COPY = new Operation("aten::copy_", "");
    private static final Operation ATTENTION = new Operation("aten::scaled_dot_product_attention", "");
    private static final Operation CROSS_ENTROPY = new Operation("aten::cross_entropy_loss", "");
    private static final int NO_REDUCTION = 0;
    private static final long NO_PADDING = -1;
    private static final long NOTHING_IGNORED = -100;

    private Tensors() {}

    /// x · Wᵀ + b for x `(…, in)`, W `(out, in)`, b `(out)` or null.
    public static NDArray linear(NDArray x, NDArray weight, @Nullable NDArray bias) {
        Argument optional = bias == null ? new Argument.Absent() : new Argument.Present(Argument.of(bias));
        return LINEAR.call(x, Argument.of(weight), optional);
    }

    /// x times a number. DJL's own `mul(Number)` must not be recorded by autograd: it hands libtorch a view of a Java
    /// buffer that may be gone before the backward pass.
    public static NDArray scale(NDArray x, double factor) {
        return x.mul(TensorScope.of(x).scalar(factor));
    }

    /// x · sigmoid(x), element by element.
    public static NDArray silu(NDArray x) {
        return SILU.call(x);
    }

    /// Drops elements with the given probability and scales the others by 1 / (1 - probability).
    public static NDArray dropout(NDArray x, double probability) {
        return DROPOUT.call(x, Argument.of(probability), Argument.of(true));
    }

    /// The rows of a table `(V, E)` at int64 indices `(…)`: `(…, E)`. The result belongs to the scope of the indices.
    public static NDArray embedding(NDArray table, NDArray indices) {
        NDArray borrowed = TensorScope.of(indices).borrow(table);
        return EMBEDDING.call(
                borrowed, Argument.of(indices), Argument.of(NO_PADDING), Argument.of(false), Argument.of(false));
    }

    /// The rows of x `(N, …)` at int64 indices `(M)`: `(M, …)`.
    public static NDArray rows(NDArray x, NDArray indices) {
        return INDEX_SELECT.call(x, Argument.of(0L), Argument.of(indices));
    }

    /// The part of x from `start` on along one axis, without a copy.
    public static NDArray narrow(NDArray x, int axis, long start, long length) {
        return NARROW.call(x, Argument.of((long) axis), Argument.of(start), Argument.of(length));
    }

    /// Writes values into a tensor (or into a part of it that [#narrow] gave).
    public static void copyInto(NDArray target, NDArray values) {
        COPY.callInPlace(target, Argument.of(values), Argument.of(false));
    }

    /// softmax(q · kᵀ / √D + mask) · v for q `(B, H, T, D)` and k, v `(B, H, S, D)`.
    ///
    /// @param mask added to the scores, `(T, S)`, or null
    /// @param causal whether position t sees only positions up to t; then the mask is null and T equals S
    public static NDArray attention(NDArray q, NDArray k, NDArray v, @Nullable NDArray mask, boolean causal) {
        return ATTENTION.call(
                q,
                Argument.of(k),
                Argument.of(v),
                mask == null ? new Argument.Absent() : new Argument.Present(Argument.of(mask)),
                Argument.of(0.0),
                Argument.of(causal),
                new Argument.Absent(),
                Argument.of(false));
    }

    /// x `(B, Hkv, T, D)` with each head repeated so that there are `Hkv · times`: `(B, Hkv · times, T, D)`.
    public static NDArray repeatHeads(NDArray x, int times) {
        if (times == 1) {
            return x;
        }
        Shape shape = x.getShape();
        long heads = shape.get(1) * times;
        Shape wide = new Shape(shape.get(0), shape.get(1), times, shape.get(2), shape.get(3));
        return x.expandDims(2).broadcast(wide).reshape(shape.get(0), heads, shape.get(2), shape.get(3));
    }

    /// x · rsqrt(mean(x²) + ε) · weight over the last axis (https://arxiv.org/abs/1910.07467).
    public static NDArray rmsNorm(NDArray x, NDArray weight, double epsilon) {
        int last = x.getShape().dimension() - 1;
        NDArray meanSquare = x.mul(x).mean(new int[] {last}, true);
        return x.div(meanSquare.addi(epsilon).sqrt()).mul(weight);
    }

    /// The Euclidean length of each row of x `(N, M)`: `(N)`.
    public static NDArray rowNorms(NDArray x) {
        return x.mul(x).sum(new int[] {1}).sqrt();
    }

    /// Rotates pairs of elements by the angles of their positions (https://arxiv.org/abs/2104.09864), pairs being D/2
    /// apart: x `(B, H, T, D)`, cos and sin `(T, D/2)`.
    public static NDArray rotate(NDArray x, NDArray cos, NDArray sin) {
        NDList halves = x.split(2, 3);
        NDArray first = halves.get(0);
        NDArray second = halves.get(1);
        NDArray rotatedFirst = first.mul(cos).sub(second.mul(sin));
        NDArray rotatedSecond = second.mul(cos).add(first.mul(sin));
        return rotatedFirst.concat(rotatedSecond, 3);
    }

    /// -log softmax(logits)\[target\] of each row: logits `(N, V)`, targets int64 `(N)`, result `(N)`.
    public static NDArray crossEntropy(NDArray logits, NDArray targets) {
        return CROSS_ENTROPY.call(
                logits,
                Argument.of(targets),
                new Argument.Absent(),
                Argument.of((long) NO_REDUCTION),
                Argument.of(NOTHING_IGNORED),
                Argument.of(0.0));
    }
}
