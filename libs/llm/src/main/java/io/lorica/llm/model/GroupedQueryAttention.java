package io.lorica.llm.model;

import io.lorica.llm.projection.Projection;
import io.lorica.llm.tensor.Tensor;
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
    Tensor apply(Tensor x, Surroundings surroundings) {
        RotaryAngles angles = surroundings.angles();
        Tensor q = normed(heads(query.apply(x), config.heads()), norms == null ? null : norms.query());
        Tensor k = normed(heads(key.apply(x), config.keyValueHeads()), norms == null ? null : norms.key());
        Tensor v = heads(value.apply(x), config.keyValueHeads()); // (B, K, T, D)
        Tensor rotatedQ = Tensors.rotate(q, angles.cos(), angles.sin()); // (B, H, T, D)
        Tensor rotatedK = Tensors.rotate(k, angles.cos(), angles.sin()); // (B, K, T, D)
        Tensor joined = attend(rotatedQ, rotatedK, v, surroundings)
                .transpose(1, 2)
                .reshape(x.size(0), x.size(1), config.queryWidth());
        return output.apply(joined);
    }

    private Tensor heads(Tensor x, int heads) {
        long rows = x.size(0);
        long positions = x.size(1);
        return x.reshape(rows, positions, heads, config.headSize()).transpose(1, 2); // (B, T, ·) -> (B, ·, T, D)
    }

    private Tensor normed(Tensor heads, @Nullable Tensor gain) {
        return gain == null ? heads : Tensors.rmsNorm(heads, gain, config.normEpsilon());
    }

    private Tensor attend(Tensor q, Tensor k, Tensor v, Surroundings surroundings) {
        KvCache cache = surroundings.cache();
        int window = config.windows().get(layer);
        if (cache == null) {
            return attend(q, k, v, surroundings.mask(window));
        }
        Tensor allKeys = cache.appendKeys(layer, k); // (B, K, S, D)
        Tensor allValues = cache.appendValues(layer, v);
        if (q.size(2) == 1) {
            return attendOne(q, last(allKeys, window), last(allValues, window));
        }
        return attend(q, allKeys, allValues, surroundings.mask(window));
    }

    private Tensor attend(Tensor q, Tensor k, Tensor v, @Nullable Tensor mask) {
        int group = config.headsOfGroup();
        return Tensors.attention(q, Tensors.repeatHeads(k, group), Tensors.repeatHeads(v, group), mask, mask == null);
    }

    /// One position sees all others: its grouped heads pass as positions, so no head is copied.
    private Tensor attendOne(Tensor q, Tensor k, Tensor v) {
        int group = config.headsOfGroup();
        Tensor grouped = q.reshape(1, config.keyValueHeads(), group, config.headSize());
        return Tensors.attention(grouped, k, v, null, false).reshape(1, config.heads(), 1, config.headSize());
    }

    private static Tensor last(Tensor x, int window) {
        long positions = x.size(2);
        boolean all = window == 0 || positions <= window;
        return all ? x : Tensors.narrow(x, 2, positions - window, window);
    }
}
