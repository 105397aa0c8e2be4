package io.lorica.llm.tensor;

/// A way to compute causal attention within sequences that lie one behind the other, with gradients by hand. Dimensions
/// as in [FlashAttention].
sealed interface AttentionBackend permits CpuAttention, GpuFlashAttention, CudnnAttention {

    /// softmax(q · kᵀ / √D) · v for q `(N, H, D)` and k, v `(N, K, D)`.
    FlashAttention.Result forward(Tensor q, Tensor k, Tensor v);

    /// The gradients of what [#forward] was given.
    FlashAttention.Gradients backward(Tensor gradient, Tensor q, Tensor k, Tensor v, FlashAttention.Result result);
}
