package io.lorica.llm.tensor;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/// Causal attention within sequences that lie one behind the other, forward and backward by hand, without a matrix of
/// scores in memory (https://arxiv.org/abs/2307.08691). Nothing is recorded.
///
/// Dimensions: N tokens of all sequences, H query heads, K key and value heads (a divisor of H), D elements of a head.
public final class FlashAttention {

    private static final Operation FORWARD = new Operation("aten::_flash_attention_forward", "");
    private static final Operation BACKWARD = new Operation("aten::_flash_attention_backward", "");
    private static final Operation CPU_FORWARD = new Operation("aten::_scaled_dot_product_flash_attention_for_cpu", "");
    private static final Operation CPU_BACKWARD =
            new Operation("aten::_scaled_dot_product_flash_attention_for_cpu_backward", "");
    private static final Argument ABSENT = new Argument.Absent();

    private final List<Integer> lengths;
    private final int window;
    private final @Nullable Tensor boundaries;
    private final @Nullable Tensor mask;

    /// What the way back needs, in the scope of q.
    ///
    /// @param output `(N, H, D)`
    /// @param kept further tensors, which only this class understands
    public record Result(Tensor output, List<Tensor> kept) {

        public Result {
            kept = List.copyOf(kept);
        }
    }

    /// Gradients of queries `(N, H, D)`, keys and values `(N, K, D)`.
    public record Gradients(Tensor query, Tensor key, Tensor value) {}

    /// Attention within sequences.
    ///
    /// @param scope where what all calls share lives
    /// @param lengths the length of each sequence
    /// @param window how many positions a position sees, itself included; 0 for all before it
    /// @param type the type of queries, keys and values
    public FlashAttention(TensorScope scope, List<Integer> lengths, int window, ElementType type) {
        this.lengths = List.copyOf(lengths);
        int longest = lengths.stream().mapToInt(Integer::intValue).max().orElse(0);
        this.window = window >= longest ? 0 : window;
        boolean gpu = TensorDevice.current().gpu();
        this.boundaries = gpu ? boundaries(scope, lengths) : null;
        this.mask = gpu || this.window == 0 ? null : windowMask(scope, longest, this.window, type);
    }

    /// softmax(q · kᵀ / √D) · v, each position seeing those up to itself.
    ///
    /// @param q `(N, H, D)`
    /// @param k `(N, K, D)`
    /// @param v `(N, K, D)`
    public Result forward(Tensor q, Tensor k, Tensor v) {
        return boundaries == null ? forwardOnCpu(q, k, v) : forwardOnGpu(boundaries, q, k, v);
    }

    /// The gradients of what [#forward] was given.
    ///
    /// @param gradient of the output, `(N, H, D)`
    public Gradients backward(Tensor gradient, Tensor q, Tensor k, Tensor v, Result result) {
        return boundaries == null
                ? backwardOnCpu(gradient, q, k, v, result)
                : backwardOnGpu(boundaries, gradient, q, k, v, result);
    }

    private Result forwardOnGpu(Tensor starts, Tensor q, Tensor k, Tensor v) {
        List<Tensor> all = FORWARD.callAll(
                5,
                q,
                Argument.of(k),
                Argument.of(v),
                present(starts),
                present(starts),
                Argument.of(longest()),
                Argument.of(longest()),
                Argument.of(0.0),
                Argument.of(true),
                Argument.of(false),
                ABSENT,
                left(),
                right(),
                ABSENT,
                ABSENT);
        return new Result(all.getFirst(), all.subList(1, 4));
    }

    private Gradients backwardOnGpu(Tensor starts, Tensor gradient, Tensor q, Tensor k, Tensor v, Result result) {
        List<Tensor> all = BACKWARD.callAll(
                3,
                gradient,
                Argument.of(q),
                Argument.of(k),
                Argument.of(v),
                Argument.of(result.output()),
                Argument.of(result.kept().get(0)),
                Argument.of(starts),
                Argument.of(starts),
                Argument.of(longest()),
                Argument.of(longest()),
                Argument.of(0.0),
                Argument.of(true),
                Argument.of(result.kept().get(1)),
                Argument.of(result.kept().get(2)),
                ABSENT,
                left(),
                right());
        return new Gradients(all.get(0), all.get(1), all.get(2));
    }

    private Result forwardOnCpu(Tensor q, Tensor k, Tensor v) {
        try (TensorScope work = TensorScope.of(q).child("attention")) {
            Result result = forwardOnCpu(work.borrow(q), work.borrow(k), work.borrow(v), times(q, k));
            result.kept().forEach(kept -> work.handOn(kept, q));
            return new Result(work.handOn(result.output(), q), result.kept());
        }
    }

    private Result forwardOnCpu(Tensor q, Tensor k, Tensor v, int times) {
        List<Tensor> outputs = new ArrayList<>();
        List<Tensor> kept = new ArrayList<>();
        int start = 0;
        for (int length : lengths) {
            List<Tensor> both = CPU_FORWARD.callAll(
                    2,
                    heads(q, start, length),
                    Argument.of(Tensors.repeatHeads(heads(k, start, length), times)),
                    Argument.of(Tensors.repeatHeads(heads(v, start, length), times)),
                    Argument.of(0.0),
                    Argument.of(mask == null),
                    mask(length),
                    ABSENT);
            outputs.add(tokens(both.get(0)));
            kept.add(both.get(1));
            start += length;
        }
        return new Result(Tensor.concat(outputs, 0), kept);
    }

    private Gradients backwardOnCpu(Tensor gradient, Tensor q, Tensor k, Tensor v, Result result) {
        try (TensorScope work = TensorScope.of(gradient).child("attention-backward")) {
            Result borrowed = new Result(work.borrow(result.output()), result.kept());
            Gradients all = backwardOnCpu(
                    work.borrow(gradient), work.borrow(q), work.borrow(k), work.borrow(v), borrowed, times(q, k));
            return new Gradients(
                    work.handOn(all.query(), gradient),
                    work.handOn(all.key(), gradient),
                    work.handOn(all.value(), gradient));
        }
    }

    private Gradients backwardOnCpu(Tensor gradient, Tensor q, Tensor k, Tensor v, Result result, int times) {
        List<Tensor> ofQuery = new ArrayList<>();
        List<Tensor> ofKey = new ArrayList<>();
        List<Tensor> ofValue = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < lengths.size(); i++) {
            int length = lengths.get(i);
            List<Tensor> all = CPU_BACKWARD.callAll(
                    3,
                    heads(gradient, start, length),
                    Argument.of(heads(q, start, length)),
                    Argument.of(Tensors.repeatHeads(heads(k, start, length), times)),
                    Argument.of(Tensors.repeatHeads(heads(v, start, length), times)),
                    Argument.of(heads(result.output(), start, length)),
                    Argument.of(result.kept().get(i)),
                    Argument.of(0.0),
                    Argument.of(mask == null),
                    mask(length),
                    ABSENT);
            ofQuery.add(tokens(all.get(0)));
            ofKey.add(tokens(summedOverGroup(all.get(1), times)));
            ofValue.add(tokens(summedOverGroup(all.get(2), times)));
            start += length;
        }
        return new Gradients(Tensor.concat(ofQuery, 0), Tensor.concat(ofKey, 0), Tensor.concat(ofValue, 0));
    }

    /// Part of `(N, ·, D)` as `(1, ·, length, D)`.
    private static Tensor heads(Tensor x, int start, int length) {
        return Tensors.narrow(x, 0, start, length).transpose(0, 1).unsqueeze(0);
    }

    /// `(1, ·, length, D)` as `(length, ·, D)`.
    private static Tensor tokens(Tensor x) {
        return x.reshape(x.size(1), x.size(2), x.size(3)).transpose(0, 1);
    }

    /// `(1, K · times, T, D)` summed over the query heads that share a key head: `(1, K, T, D)`.
    private static Tensor summedOverGroup(Tensor x, int times) {
        if (times == 1) {
            return x;
        }
        long[] s = x.shape();
        return x.reshape(s[0], s[1] / times, times, s[2], s[3]).sum(2);
    }

    private static int times(Tensor q, Tensor k) {
        return Math.toIntExact(q.size(1) / k.size(1));
    }

    private Argument mask(int length) {
        return mask == null ? ABSENT : present(Tensors.narrow(Tensors.narrow(mask, 0, 0, length), 1, 0, length));
    }

    private Argument left() {
        return window == 0 ? ABSENT : new Argument.Present(Argument.of(window - 1L));
    }

    private Argument right() {
        return window == 0 ? ABSENT : new Argument.Present(Argument.of(0L));
    }

    private long longest() {
        return lengths.stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    private static Argument present(Tensor tensor) {
        return new Argument.Present(Argument.of(tensor));
    }

    private static Tensor boundaries(TensorScope scope, List<Integer> lengths) {
        long[] ends = new long[lengths.size() + 1];
        for (int i = 0; i < lengths.size(); i++) {
            ends[i + 1] = ends[i] + lengths.get(i);
        }
        return scope.longs(ends, ends.length).to(ElementType.I32);
    }

    /// What is added to the scores of a sequence, `(T, T)`.
    private static Tensor windowMask(TensorScope scope, int positions, int window, ElementType type) {
        float[] values = new float[positions * positions];
        for (int t = 0; t < positions; t++) {
            for (int s = 0; s < positions; s++) {
                boolean seen = s <= t && s > t - window;
                values[t * positions + s] = seen ? 0 : Float.NEGATIVE_INFINITY;
            }
        }
        return scope.floats(values, positions, positions).to(type);
    }
}
