package io.lorica.llm.model;

import java.util.Arrays;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.projection.Projection;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// Causal self-attention in which groups of query heads share a key and value head
/// (https://arxiv.org/abs/2305.13245). Dimensions: B rows, T new positions, S all positions, H query heads, K key
/// and value heads, D elements of a head, E elements of a hidden state.
record GroupedQueryAttention(
        int layer, ModelConfig config, Projection query, Projection key, Projection value, Projection output) {

    /// x `(B, T, E)` to the same shape. Rows padded at their end need no mask: no position looks ahead.
    NDArray apply(NDArray x, RotaryEmbedding.Angles angles, @Nullable KvCache cache) {
        NDArray q = Tensors.rotate(heads(query.apply(x), config.heads()), angles.cos(), angles.sin()); // (B, H, T, D)
        NDArray k = Tensors.rotate(heads(key.apply(x), config.keyValueHeads()), angles.cos(), angles.sin());
        NDArray v = heads(value.apply(x), config.keyValueHeads()); // (B, K, T, D)
        NDArray attended = cache == null ? attend(q, k, v) : attend(q, k, v, cache);
        long width = (long) config.heads() * config.headSize();
        NDArray joined = attended.swapAxes(1, 2)
                .reshape(x.getShape().get(0), x.getShape().get(1), width);
        return output.apply(joined);
    }

    private NDArray heads(NDArray x, int heads) {
        long rows = x.getShape().get(0);
        long positions = x.getShape().get(1);
        return x.reshape(rows, positions, heads, config.headSize()).swapAxes(1, 2); // (B, T, ·) -> (B, ·, T, D)
    }

    private NDArray attend(NDArray q, NDArray k, NDArray v) {
        int group = config.heads() / config.keyValueHeads();
        return Tensors.attention(q, Tensors.repeatHeads(k, group), Tensors.repeatHeads(v, group), null, true);
    }

    private NDArray attend(NDArray q, NDArray k, NDArray v, KvCache cache) {
        int past = cache.length();
        NDArray allKeys = cache.appendKeys(layer, k); // (B, K, S, D)
        NDArray allValues = cache.appendValues(layer, v);
        if (past == 0) {
            return attend(q, k, v);
        }
        int group = config.heads() / config.keyValueHeads();
        long positions = q.getShape().get(2);
        if (positions == 1) {
            // One position sees all others: its grouped heads pass as positions, so no head is copied.
            NDArray grouped = q.reshape(1, config.keyValueHeads(), group, config.headSize());
            return Tensors.attention(grouped, allKeys, allValues, null, false)
                    .reshape(1, config.heads(), 1, config.headSize());
        }
        NDArray mask = mask(TensorScope.of(q), past, (int) positions);
        return Tensors.attention(
                q, Tensors.repeatHeads(allKeys, group), Tensors.repeatHeads(allValues, group), mask, false);
    }

    /// What is added to the scores of `positions` that come after `past` others: `(T, S)`.
    private static NDArray mask(TensorScope scope, int past, int positions) {
        int all = past + positions;
        float[] mask = new float[positions * all];
        for (int t = 0; t < positions; t++) {
            Arrays.fill(mask, t * all + past + t + 1, (t + 1) * all, Float.NEGATIVE_INFINITY);
        }
        return scope.floats(mask, positions, all);
    }
}
