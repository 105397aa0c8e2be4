package io.lorica.llm.tensor;

import java.util.List;

/// Flash attention of cuDNN for GPUs from Hopper on, where it is about twice as fast as libtorch's own. It takes
/// sequences that are all equally long and see all before them. Dimensions as in [FlashAttention], with S sequences of
/// T
/// tokens.
///
/// @param sequences S
/// @param length T
record CudnnAttention(long sequences, long length) implements AttentionBackend {

    // A plan is made for each length, which takes longer than it saves on short ones and on lengths met once.
    private static final long SHORTEST = 512;
    private static final long LENGTH_MULTIPLE = 64;
    private static final int LARGEST_HEAD = 128;

    /// Whether it is here and takes these.
    static boolean suits(FlashAttention.Sequences all, ElementType type, int headSize) {
        long longest = all.longest();
        return all.window() == 0
                && longest >= SHORTEST
                && longest % LENGTH_MULTIPLE == 0
                && all.even()
                && headSize <= LARGEST_HEAD
                && CudnnProbe.works(type, headSize);
    }

    @Override
    public FlashAttention.Result forward(Tensor q, Tensor k, Tensor v) {
        try (TensorScope work = TensorScope.of(q).child("attention")) {
            CudnnShim.Forward result = CudnnShim.forward(bySequence(work, q), bySequence(work, k), bySequence(work, v));
            Tensor output = work.handOn(byToken(result.output(), q), q);
            List<Tensor> kept = List.of(result.logSumExp(), result.seed(), result.offset());
            kept.forEach(tensor -> work.handOn(tensor, q));
            return new FlashAttention.Result(output, kept);
        }
    }

    @Override
    public FlashAttention.Gradients backward(
            Tensor gradient, Tensor q, Tensor k, Tensor v, FlashAttention.Result result) {
        try (TensorScope work = TensorScope.of(gradient).child("attention-backward")) {
            CudnnShim.Forward forward = new CudnnShim.Forward(
                    bySequence(work, result.output()),
                    result.kept().get(0),
                    result.kept().get(1),
                    result.kept().get(2));
            List<Tensor> all = CudnnShim.backward(
                    bySequence(work, gradient),
                    bySequence(work, q),
                    bySequence(work, k),
                    bySequence(work, v),
                    forward,
                    length);
            return new FlashAttention.Gradients(
                    work.handOn(byToken(all.get(0), q), gradient),
                    work.handOn(byToken(all.get(1), k), gradient),
                    work.handOn(byToken(all.get(2), v), gradient));
        }
    }

    /// `(N, ·, D)` as `(S, ·, T, D)`, without a copy.
    private Tensor bySequence(TensorScope work, Tensor x) {
        return work.borrow(x).reshape(sequences, length, x.size(1), x.size(2)).transpose(1, 2);
    }

    /// `(S, ·, T, D)` as `(N, ·, D)`.
    private static Tensor byToken(Tensor x, Tensor like) {
        return x.transpose(1, 2).reshape(like.shape());
    }
}
