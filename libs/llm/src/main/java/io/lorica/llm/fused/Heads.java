package io.lorica.llm.fused;

import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.Tensors;

/// Views of queries, keys and values that lie side by side. Dimensions: N tokens, H query heads, K key and
/// value heads, D elements of a head.
///
/// @param joined `(N, (H + 2·K) · D)`
/// @param config the model's shape
record Heads(Tensor joined, ModelConfig config) {

    /// `(N, H, D)`
    Tensor query() {
        return part(0, config.heads());
    }

    /// `(N, K, D)`
    Tensor key() {
        return part(config.heads(), config.keyValueHeads());
    }

    /// `(N, K, D)`
    Tensor value() {
        return part(config.turnedHeads(), config.keyValueHeads());
    }

    /// `(N, H + K, D)`
    Tensor queryAndKey() {
        return part(0, config.turnedHeads());
    }

    private Tensor part(int first, int count) {
        Tensor perHead = joined.reshape(joined.size(0), config.joinedHeads(), config.headSize());
        return Tensors.narrow(perHead, 1, first, count);
    }
}
