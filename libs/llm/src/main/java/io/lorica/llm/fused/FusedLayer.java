package io.lorica.llm.fused;

import java.util.List;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// One decoder layer with its gradients by hand. Dimensions: N tokens, E elements of a hidden state.
///
/// @param attention the attention block
/// @param feedForward the feed-forward block
record FusedLayer(FusedAttention attention, FusedFeedForward feedForward) {

    /// What the way back needs.
    record Trace(FusedAttention.Trace attention, FusedFeedForward.Trace feedForward) {}

    /// The layer's result and what is kept.
    record Result(Tensor output, Trace trace) {}

    /// Computes the layer and keeps what the way back needs in the scope; the result `(N, E)` lives there
    /// too.
    Result keep(TensorScope scope, Tensor input, LayerContext context) {
        FusedAttention.Trace trace = attention.trace(scope, input, context);
        FusedFeedForward.Result result = feedForward.keep(scope, attention.result(scope, trace));
        return new Result(result.y(), new Trace(trace, result.trace()));
    }

    /// Computes the layer and keeps nothing: `(N, E)`, in the scope.
    Tensor forget(TensorScope scope, Tensor input, LayerContext context) {
        try (TensorScope work = scope.child("layer")) {
            Tensor attended = attention.result(work, attention.trace(work, input, context));
            return feedForward.forget(scope, attended);
        }
    }

    /// As [#backward] for a layer of which nothing was kept but its input `(N, E)`: what is needed is
    /// computed once more, and each block's part is free before the next is taken.
    void backwardOnceMore(TensorScope scope, Tensor input, FlowingGradient gradient, LayerContext context) {
        FusedAttention.Trace trace = attention.trace(scope, input, context);
        try (TensorScope work = scope.child("feed-forward-once-more")) {
            Tensor attended = attention.result(work, trace);
            feedForward.backward(work, new FusedFeedForward.Trace(attended, null), gradient);
        }
        attention.backward(scope, trace, gradient.values(scope), context);
    }

    /// Turns the gradient of the result into that of the input, in place, and collects those of the adapters.
    void backward(TensorScope scope, Trace trace, FlowingGradient gradient, LayerContext context) {
        feedForward.backward(scope, trace.feedForward(), gradient);
        attention.backward(scope, trace.attention(), gradient.values(scope), context);
    }

    /// The joined matrices with their adapters.
    List<AdapterGroup> groups() {
        return List.of(attention.input(), attention.output(), feedForward.input(), feedForward.output());
    }
}
