package io.lorica.llm.tensor;

import java.util.List;

import org.jspecify.annotations.Nullable;

/// Operations of the transformer. Dimensions: B rows, T positions, H heads, D elements of a head, E elements of a
/// hidden
/// state. Each result belongs to the scope of the first tensor.
public final class Tensors {

    private static final Operation LINEAR = new Operation("aten::linear", "");
    private static final Operation SILU = new Operation("aten::silu", "");
    private static final Operation SIGMOID = new Operation("aten::sigmoid", "");
    private static final Operation SOFTMAX = new Operation("aten::_softmax", "");
    private static final Operation GATHER = new Operation("aten::gather", "");
    private static final Operation SCATTER_ADD = new Operation("aten::scatter_add_", "");
    private static final Operation INDEX_COPY = new Operation("aten::index_copy_", "");
    private static final Operation NORMAL = new Operation("aten::normal_", "");
    private static final Operation DROPOUT = new Operation("aten::dropout", "");
    private static final Operation EMBEDDING = new Operation("aten::embedding", "");
    private static final Operation INDEX_SELECT = new Operation("aten::index_select", "");
    private static final Operation NARROW = new Operation("aten::narrow", "");
    private static final Operation COPY = new Operation("aten::copy_", "");
    private static final Operation UNIFORM = new Operation("aten::uniform_", "");
    private static final Operation ATTENTION = new Operation("aten::scaled_dot_product_attention", "");
    private static final Operation CROSS_ENTROPY = new Operation("aten::cross_entropy_loss", "");
    private static final Operation BUCKETIZE = new Operation("aten::bucketize", "Tensor");
    private static final int NO_REDUCTION = 0;
    private static final long NO_PADDING = -1;
    private static final long NOTHING_IGNORED = -100;

    private Tensors() {}

    /// x · Wᵀ + b for x `(…, in)`, W `(out, in)`, b `(out)` or null.
    public static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
        Argument optional = bias == null ? new Argument.Absent() : new Argument.Present(Argument.of(bias));
        return LINEAR.call(x, Argument.of(weight), optional);
    }

    /// x · sigmoid(x), element by element.
    public static Tensor silu(Tensor x) {
        return SILU.call(x);
    }

    /// 1 / (1 + exp(-x)), element by element.
    public static Tensor sigmoid(Tensor x) {
        return SIGMOID.call(x);
    }

    /// softmax over the last axis.
    public static Tensor softmax(Tensor x) {
        return SOFTMAX.call(x, Argument.of(-1L), Argument.of(false));
    }

    /// The elements of a matrix x `(N, M)` at int64 columns `(N, K)`: `(N, K)`.
    public static Tensor at(Tensor x, Tensor columns) {
        return GATHER.call(x, Argument.of(1L), Argument.of(columns), Argument.of(false));
    }

    /// Adds values `(N, K)` to the elements of a matrix x `(N, M)` at int64 columns `(N, K)`.
    public static void addAt(Tensor x, Tensor columns, Tensor values) {
        SCATTER_ADD.callInPlace(x, Argument.of(1L), Argument.of(columns), Argument.of(values));
    }

    /// Writes rows `(M, …)` into x `(N, …)` at int64 places `(M)`, none of them twice.
    public static void putRows(Tensor x, Tensor places, Tensor rows) {
        INDEX_COPY.callInPlace(x, Argument.of(0L), Argument.of(places), Argument.of(rows));
    }

    /// Fills a tensor with random numbers around 0, and gives it.
    public static Tensor normal(Tensor x, double deviation) {
        NORMAL.callInPlace(x, Argument.of(0.0), Argument.of(deviation), new Argument.Absent());
        return x;
    }

    /// Drops elements with the given probability and scales the others by 1 / (1 - probability).
    public static Tensor dropout(Tensor x, double probability) {
        return DROPOUT.call(x, Argument.of(probability), Argument.of(true));
    }

    /// The rows of a table `(V, E)` at int64 indices `(…)`: `(…, E)`. The result belongs to the scope of the indices.
    public static Tensor embedding(Tensor table, Tensor indices) {
        Tensor borrowed = TensorScope.of(indices).borrow(table);
        return EMBEDDING.call(
                borrowed, Argument.of(indices), Argument.of(NO_PADDING), Argument.of(false), Argument.of(false));
    }

    /// The rows of x `(N, …)` at int64 indices `(M)`: `(M, …)`.
    public static Tensor rows(Tensor x, Tensor indices) {
        return INDEX_SELECT.call(x, Argument.of(0L), Argument.of(indices));
    }

    /// Between which of these ascending bounds each element lies, as int32: how many bounds are below it.
    public static Tensor bucketize(Tensor x, Tensor bounds) {
        return BUCKETIZE.call(x, Argument.of(bounds), Argument.of(true), Argument.of(false));
    }

    /// The part of x from `start` on along one axis, without a copy.
    public static Tensor narrow(Tensor x, int axis, long start, long length) {
        return NARROW.call(x, Argument.of((long) axis), Argument.of(start), Argument.of(length));
    }

    /// Writes values into a tensor (or into a part of it that [#narrow] gave).
    public static void copyInto(Tensor target, Tensor values) {
        COPY.callInPlace(target, Argument.of(values), Argument.of(false));
    }

    /// Fills a tensor with numbers between -1 and 1, which the last [Autograd#seed] decides.
    public static void fillUniform(Tensor target) {
        UNIFORM.callInPlace(target, Argument.of(-1.0), Argument.of(1.0), new Argument.Absent());
    }

    /// softmax(q · kᵀ / √D + mask) · v for q `(B, H, T, D)` and k, v `(B, H, S, D)`.
    ///
    /// @param mask added to the scores, `(T, S)`, or null
    /// @param causal whether position t sees only positions up to t; then the mask is null and T equals S
    public static Tensor attention(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, boolean causal) {
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
    public static Tensor repeatHeads(Tensor x, int times) {
        if (times == 1) {
            return x;
        }
        long[] s = x.shape();
        return x.unsqueeze(2).expand(s[0], s[1], times, s[2], s[3]).reshape(s[0], s[1] * times, s[2], s[3]);
    }

    /// A tensor in the type of x: itself, or a copy in the scope of x that autograd follows.
    public static Tensor inTypeOf(Tensor x, Tensor tensor) {
        ElementType type = x.type();
        return tensor.type() == type ? tensor : TensorScope.of(x).borrow(tensor).to(type);
    }

    /// x · rsqrt(mean(x²) + ε) · weight over the last axis (https://arxiv.org/abs/1910.07467), the mean in float32.
    public static Tensor rmsNorm(Tensor x, Tensor weight, double epsilon) {
        ElementType type = x.type();
        Tensor wide = x.to(ElementType.F32);
        Tensor meanSquare = wide.mul(wide).mean(x.dimensions() - 1);
        Tensor normalized = wide.mul(meanSquare.addInPlace(epsilon).rsqrt());
        return normalized.to(type).mul(inTypeOf(x, weight));
    }

    /// The Euclidean length of each row of x `(N, M)`: `(N)`, in float32.
    public static Tensor rowNorms(Tensor x) {
        Tensor wide = x.to(ElementType.F32);
        return wide.mul(wide).sum(1).sqrt();
    }

    /// Rotates pairs of elements by the angles of their positions (https://arxiv.org/abs/2104.09864), pairs being D/2
    /// apart: x `(B, H, T, D)`, cos and sin `(T, D/2)`.
    public static Tensor rotate(Tensor x, Tensor cos, Tensor sin) {
        long half = x.size(3) / 2;
        Tensor first = narrow(x, 3, 0, half);
        Tensor second = narrow(x, 3, half, half);
        Tensor rotatedFirst = first.mul(cos).sub(second.mul(sin));
        Tensor rotatedSecond = second.mul(cos).add(first.mul(sin));
        return Tensor.concat(List.of(rotatedFirst, rotatedSecond), 3);
    }

    /// -log softmax(logits)\[target\] of each row in float32: logits `(N, V)`, targets int64 `(N)`, result `(N)`.
    public static Tensor crossEntropy(Tensor logits, Tensor targets) {
        return CROSS_ENTROPY.call(
                logits.to(ElementType.F32),
                Argument.of(targets),
                new Argument.Absent(),
                Argument.of((long) NO_REDUCTION),
                Argument.of(NOTHING_IGNORED),
                Argument.of(0.0));
    }
}
