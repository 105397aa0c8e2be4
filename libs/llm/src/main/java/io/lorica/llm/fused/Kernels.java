package io.lorica.llm.fused;

import java.util.List;

import io.lorica.llm.tensor.Tensor;

/// What lies between two matrix products, each one pass over its tensors: arithmetic in float32, storage in
/// the type of the tensors. Nothing is recorded, results go into memory that the caller gives.
///
/// Dimensions: N tokens, E elements of a hidden state, I elements inside the feed-forward block, D elements
/// of a head, H heads, V tokens of the vocabulary. Matrices may be the first columns of wider ones.
interface Kernels {

    /// out = x · rsqrt(mean(x²) + ε) · gain (https://arxiv.org/abs/1910.07467).
    ///
    /// @param x `(N, E)`
    /// @param gain `(E)`
    /// @param out `(N, E)`
    /// @param inverse rsqrt(mean(x²) + ε) of each row, float32 `(N)`, for the way back
    void rmsNorm(Tensor x, Tensor gain, double epsilon, Tensor out, Tensor inverse);

    /// into += ∂/∂x of [#rmsNorm]: r · (h - x · r² · mean(h · x)) with h = gradient · gain and r the inverse.
    ///
    /// @param gradient of the result, `(N, E)`
    /// @param into `(N, E)`
    void rmsNormBackward(Tensor gradient, Tensor x, Tensor gain, Tensor inverse, Tensor into);

    /// Turns pairs of elements, D/2 apart, by the angles of their positions
    /// (https://arxiv.org/abs/2104.09864).
    ///
    /// @param from `(N, H, D)`
    /// @param to where the turned heads go, `(N, H, D)`; it may be `from` itself
    /// @param cos float32 `(N, D/2)`
    /// @param sin float32 `(N, D/2)`
    /// @param back whether to turn the other way, which is also the way of gradients
    void rotate(Tensor from, Tensor to, Tensor cos, Tensor sin, boolean back);

    /// out = silu(gate) · up (https://arxiv.org/abs/2002.05202).
    ///
    /// @param gateUp `(N, 2·I)`, all gates before all ups
    /// @param out `(N, I)`
    void swiGlu(Tensor gateUp, Tensor out);

    /// The gradients of gate and up, and on the way the result once more.
    ///
    /// @param gradient of the result, `(N, I)`
    /// @param into `(N, 2·I)`; it may be `gateUp` itself
    /// @param out the result of [#swiGlu], `(N, I)`
    void swiGluBackward(Tensor gradient, Tensor gateUp, Tensor into, Tensor out);

    /// Adds the gradients of the adapters of one joined matrix; the caller closes it.
    GradientCollector collector(List<AdapterGroup.Member> members);

    /// What brings the copies of an adapter's parameters up to date; the caller closes it.
    AdapterCopier copier(List<AdapterCopy> copies);

    /// Memory of the host for the inputs of layers; the caller closes it.
    LayerInputs hostInputs();

    /// -log softmax(logits)\[target\] of each row, and its gradient times the row's weight in place of the
    /// logits.
    ///
    /// @param logits `(n, V)`
    /// @param targets int64 `(n)`
    /// @param weights float32 `(n)`
    /// @param losses float32 `(n)`
    /// @param hits float32 `(n)`: 1 where the target had the highest score, else 0
    void crossEntropy(Tensor logits, Tensor targets, Tensor weights, Tensor losses, Tensor hits);
}
