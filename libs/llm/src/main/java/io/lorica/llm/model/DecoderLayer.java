package io.lorica.llm.model;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// One layer: attention and feed-forward, each on a normalised input and added to it.
record DecoderLayer(RmsNorm inputNorm, GroupedQueryAttention attention, RmsNorm innerNorm, SwiGluMlp feedForward) {

    /// x `(B, T, E)` to the same shape, in the scope of x; everything between is freed (autograd keeps what it needs).
    Tensor apply(Tensor x, Surroundings surroundings) {
        try (TensorScope scope = TensorScope.of(x).child("layer")) {
            Tensor input = scope.borrow(x);
            Tensor attended = input.add(attention.apply(inputNorm.apply(input), surroundings));
            Tensor output = attended.add(feedForward.apply(innerNorm.apply(attended)));
            return scope.handOn(output, x);
        }
    }
}
