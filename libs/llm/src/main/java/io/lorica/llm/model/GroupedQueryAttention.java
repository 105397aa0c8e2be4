package io.lorica.llm.model;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.projection.Projection;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// Causal self-attention in which groups of query heads share a key and value head
/// (https://arxiv.org/abs/2305.13245). Dimensions: B rows, T new positions, S all positions, H query heads, K key
/// and value heads, D elements of a head, E elements of a hidden state.
record GroupedQueryAttention(
        int layer,
        ModelConfig config,
        @Nullable HeadNorms norms,
        Projection query,
        Projection key,
        Projection value,
        Projection output) {

    /// x `(B, T, E)` to the same shape.
    NDArray apply(NDArray x, Surroundings surroundings) {
        RotaryEmbedding.Angles angles = surroundings.angles();
        NDArray q = normed(heads(query.apply(x), config.heads()), norms == null ? null : norms.query());
        NDArray k = normed(heads(key.apply(x), config.keyValueHeads()), norms == null ? null : norms.key());
        NDArray v = heads(value.apply(x), config.keyValueHeads()); // (B, K, T, D)
        NDArray rotatedQ = Tensors.rotate(q, angles.cos(), angles.sin()); // (B, H, T, D)
        NDArray rotatedK = Tensors.rotate(k, angles.cos(), angles.sin()); // (B, K, T, D)
        NDArray joined = attend(rotatedQ, rotatedK, v, surroundings)
                .swapAxes(1, 2)
                .reshape(x.getShape().get(0), x.getShape().get(1), (long) config.heads() * config.headSize());
        return output.apply(joined);
    }

    private NDArray heads(NDArray x, int heads) {
        long rows = x.getShape().get(0);
        long positions = x.getShape().get(1);
        return x.reshape(rows, positions, heads, config.headSize()).swapAxes(1, 2); // (B, T, ·) -> (B, ·, T, D)
    }

    private NDArray normed(NDArray heads, @Nullable NDArray gain) {
        return gain == null ? heads : Tensors.rmsNorm(heads, gain, config.normEpsilon());
    }

    private NDArray attend(NDArray q, NDArray k, NDArray v, Surroundings surroundings) {
        KvCache cache = surroundings.cache();
        int window = config.windows().get(layer);
        if (cache == null) {
            return attend(q, k, v, surroundings.mask(window));
        }
        NDArray allKeys = cache.appendKeys(layer, k); // (B, K, S, D)
        NDArray allValues = cache.appendValues(layer, v);
        if (q.getShape().get(2) == 1) {
            return attendOne(q, last(allKeys, window), last(allValues, window));
        }
        return attend(q, allKeys, allValues, surroundings.mask(window));
    }

    private NDArray attend(NDArray q, NDArray k, NDArray v, @Nullable NDArray mask) {
        int group = config.heads() / config.keyValueHeads();
        return Tensors.attention(q, Tensors.repeatHeads(k, group), Tensors.repeatHeads(v, group), mask, mask == null);
    }

    /// One position sees all others: its grouped heads pass as positions, so no head is copied.
    private NDArray attendOne(NDArray q, NDArray k, NDArray v) {
        int group = config.heads() / config.keyValueHeads();
        NDArray grouped = q.reshape(1, config.keyValueHeads(), group, config.headSize());
        return Tensors.attention(grouped, k, v, null, false).reshape(1, config.heads(), 1, config.headSize());
    }

    private static NDArray last(NDArray x, int window) {
        long positions = x.getShape().get(2);
        boolean all = window == 0 || positions <= window;
        return all ? x : Tensors.narrow(x, 2, positions - window, window);
    }
}
