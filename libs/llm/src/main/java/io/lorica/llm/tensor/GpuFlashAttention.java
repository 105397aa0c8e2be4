package io.lorica.llm.tensor;

import java.util.List;

/// Flash attention on GPUs from Ampere on, in 16 bits. Groups of query heads share a key head without a copy.
///
/// @param boundaries where each sequence begins, and where the last ends, int32
/// @param longest the most tokens that one may have
/// @param window how many positions a position sees, itself included; 0 for all before it
/// @param repeatable whether gradients are summed in the same order every time
record GpuFlashAttention(Tensor boundaries, long longest, int window, boolean repeatable) implements AttentionBackend {

    private static final Operation FORWARD = new Operation("aten::_flash_attention_forward", "");
    private static final Operation BACKWARD = new Operation("aten::_flash_attention_backward", "");
    private static final Argument ABSENT = new Argument.Absent();

    /// As attention was chosen.
    ///
    /// @param scope where the boundaries live
    static GpuFlashAttention of(TensorScope scope, FlashAttention.Sequences sequences) {
        return of(sequences.boundaries(scope), sequences.longest(), sequences.window());
    }

    /// The same where boundaries lie on the device already.
    static GpuFlashAttention of(Tensor boundaries, long longest, int window) {
        boolean repeatable = AttentionChoice.current().repeatable();
        return new GpuFlashAttention(boundaries, longest, window, repeatable);
    }

    @Override
    public FlashAttention.Result forward(Tensor q, Tensor k, Tensor v) {
        Argument starts = new Argument.Present(Argument.of(boundaries));
        List<Tensor> all = FORWARD.callAll(
                5,
                q,
                Argument.of(k),
                Argument.of(v),
                starts,
                starts,
                Argument.of(longest),
                Argument.of(longest),
                Argument.of(0.0),
                Argument.of(true),
                Argument.of(false),
                ABSENT,
                left(),
                right(),
                ABSENT,
                ABSENT);
        return new FlashAttention.Result(all.getFirst(), all.subList(1, 4));
    }

    @Override
    public FlashAttention.Gradients backward(
            Tensor gradient, Tensor q, Tensor k, Tensor v, FlashAttention.Result result) {
        List<Tensor> all;
        try (Determinism same = Determinism.of(repeatable)) {
            all = BACKWARD.callAll(
                    3,
                    gradient,
                    Argument.of(q),
                    Argument.of(k),
                    Argument.of(v),
                    Argument.of(result.output()),
                    Argument.of(result.kept().get(0)),
                    Argument.of(boundaries),
                    Argument.of(boundaries),
                    Argument.of(longest),
                    Argument.of(longest),
                    Argument.of(0.0),
                    Argument.of(true),
                    Argument.of(result.kept().get(1)),
                    Argument.of(result.kept().get(2)),
                    ABSENT,
                    left(),
                    right());
        }
        return new FlashAttention.Gradients(all.get(0), all.get(1), all.get(2));
    }

    private Argument left() {
        return window == 0 ? ABSENT : new Argument.Present(Argument.of(window - 1L));
    }

    private Argument right() {
        return window == 0 ? ABSENT : new Argument.Present(Argument.of(0L));
    }
}
