package io.lorica.llm.model;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.tensor.TensorScope;

/// One layer: attention and feed-forward, each on a normalised input and added to it.
record DecoderLayer(RmsNorm inputNorm, GroupedQueryAttention attention, RmsNorm innerNorm, SwiGluMlp feedForward) {

    /// x `(B, T, E)` to the same shape, in the scope of x; everything between is freed (autograd keeps what it needs).
    NDArray apply(NDArray x, Surroundings surroundings) {
        try (TensorScope scope = TensorScope.of(x).child("layer")) {
            NDArray input = scope.borrow(x);
            NDArray attended = input.add(attention.apply(inputNorm.apply(input), surroundings));
            NDArray output = attended.add(feedForward.apply(innerNorm.apply(attended)));
            return scope.handOn(output, x);
        }
    }
}
