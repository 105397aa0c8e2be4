package io.lorica.llm.tensor;

import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/// Flash attention on the CPU, sequence by sequence.
///
/// @param lengths the length of each sequence
/// @param mask what a window adds to the scores of the longest sequence, `(T, T)`; null where each position sees all
/// before
record CpuAttention(List<Integer> lengths, @Nullable Tensor mask) implements AttentionBackend {

    private static final Operation FORWARD = new Operation("aten::_scaled_dot_product_flash_attention_for_cpu", "");
    private static final Operation BACKWARD =
            new Operation("aten::_scaled_dot_product_flash_attention_for_cpu_backward", "");
    private static final Argument ABSENT = new Argument.Absent();

    static CpuAttention of(TensorScope scope, FlashAttention.Sequences sequences, ElementType type) {
        int window = sequences.window();
        int longest = Math.toIntExact(sequences.longest());
        return new CpuAttention(sequences.lengths(), window == 0 ? null : windowMask(scope, longest, window, type));
    }

    @Override
    public FlashAttention.Result forward(Tensor q, Tensor k, Tensor v) {
        try (TensorScope work = TensorScope.of(q).child("attention")) {
            FlashAttention.Result result = forward(work.borrow(q), work.borrow(k), work.borrow(v), times(q, k));
            result.kept().forEach(kept -> work.handOn(kept, q));
            return new FlashAttention.Result(work.handOn(result.output(), q), result.kept());
        }
    }

    @Override
    public FlashAttention.Gradients backward(
            Tensor gradient, Tensor q, Tensor k, Tensor v, FlashAttention.Result result) {
        try (TensorScope work = TensorScope.of(gradient).child("attention-backward")) {
            FlashAttention.Result borrowed = new FlashAttention.Result(work.borrow(result.output()), result.kept());
            FlashAttention.Gradients all = backward(
                    work.borrow(gradient), work.borrow(q), work.borrow(k), work.borrow(v), borrowed, times(q, k));
            return new FlashAttention.Gradients(
                    work.handOn(all.query(), gradient),
                    work.handOn(all.key(), gradient),
                    work.handOn(all.value(), gradient));
        }
    }

    private FlashAttention.Result forward(Tensor q, Tensor k, Tensor v, int times) {
        List<Tensor> outputs = new ArrayList<>();
        List<Tensor> kept = new ArrayList<>();
        int start = 0;
        for (int length : lengths) {
            List<Tensor> both = FORWARD.callAll(
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
        return new FlashAttention.Result(Tensor.concat(outputs, 0), kept);
    }

    private FlashAttention.Gradients backward(
            Tensor gradient, Tensor q, Tensor k, Tensor v, FlashAttention.Result result, int times) {
        List<Tensor> ofQuery = new ArrayList<>();
        List<Tensor> ofKey = new ArrayList<>();
        List<Tensor> ofValue = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < lengths.size(); i++) {
            int length = lengths.get(i);
            List<Tensor> all = BACKWARD.callAll(
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
        return new FlashAttention.Gradients(
                Tensor.concat(ofQuery, 0), Tensor.concat(ofKey, 0), Tensor.concat(ofValue, 0));
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
        return mask == null
                ? ABSENT
                : new Argument.Present(Argument.of(Tensors.narrow(Tensors.narrow(mask, 0, 0, length), 1, 0, length)));
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
