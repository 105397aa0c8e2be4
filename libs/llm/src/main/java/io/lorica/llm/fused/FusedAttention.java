package io.lorica.llm.fused;

import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.FlashAttention;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The attention block of a layer, y = x + O(attention(Q, K, V of norm(x))), with its gradients by hand.
/// Dimensions: N tokens, E elements of a hidden state, H query heads, K key and value heads, D elements of
/// a head.
///
/// @param config the model's shape
/// @param gain of the norm, `(E)`
/// @param input the joined query, key and value projections
/// @param output the output projection
/// @param kernels what lies between products
record FusedAttention(ModelConfig config, Tensor gain, AdapterGroup input, AdapterGroup output, Kernels kernels) {

    /// What the way back needs.
    ///
    /// @param x `(N, E)`
    /// @param inverse of the norm, `(N)`
    /// @param heads rotated queries, rotated keys and values side by side, `(N, (H + 2·K) · D)`
    /// @param attention the attention's result
    record Trace(Tensor x, Tensor inverse, Tensor heads, FlashAttention.Result attention) {}

    /// Computes all but the last product; what is kept lives in the scope.
    Trace trace(TensorScope scope, Tensor x, LayerContext context) {
        Tensor inverse = scope.empty(ElementType.F32, x.size(0));
        Tensor heads;
        try (TensorScope work = scope.child("attention-input")) {
            heads = input.forward(scope, input.normed(work, norm(), x, inverse));
        }
        turn(heads, context);
        Heads views = new Heads(heads, config);
        FlashAttention.Result attention = context.attention().forward(views.query(), views.key(), views.value());
        return new Trace(x, inverse, heads, attention);
    }

    /// y `(N, E)`, in the scope.
    Tensor result(TensorScope scope, Trace trace) {
        Tensor y = scope.adopt(trace.x().duplicate());
        try (TensorScope work = scope.child("attention-output")) {
            output.addForward(joined(work, trace.attention()), y);
        }
        return y;
    }

    /// Turns the gradient of y into that of x, in place, and collects those of the adapters. Each part
    /// frees what the next does not need: on long sequences this is where a recomputed layer takes most
    /// memory.
    ///
    /// @param gradient `(N, E)`
    void backward(TensorScope scope, Trace trace, Tensor gradient, LayerContext context) {
        try (TensorScope work = scope.child("attention-backward")) {
            Tensor ofHeads = ofHeads(work, trace, ofAttention(work, trace, gradient), context);
            Augmented ofNormed = input.inputGradient(work, ofHeads);
            Augmented normed = input.normed(work, norm(), trace.x(), work.empty(ElementType.F32, gradient.size(0)));
            input.collect(work, ofHeads, ofNormed.inner(), normed);
            kernels.rmsNormBackward(ofNormed.inputs(), trace.x(), gain, trace.inverse(), gradient);
        }
    }

    /// The gradient of the attention's result, `(N, H, D)`.
    private Tensor ofAttention(TensorScope scope, Trace trace, Tensor gradient) {
        try (TensorScope work = scope.child("attention-output-backward")) {
            Augmented ofJoined = output.inputGradient(work, gradient);
            Tensor joined = work.borrow(trace.attention().output()).reshape(gradient.size(0), -1);
            output.collect(work, gradient, ofJoined.inner(), joined, output.inner(work, joined));
            Tensor perHead =
                    ofJoined.inputs().contiguous().reshape(gradient.size(0), config.heads(), config.headSize());
            return scope.adopt(perHead);
        }
    }

    /// The gradient of queries, keys and values side by side, before they were turned, `(N, (H + 2·K) · D)`.
    ///
    /// @param ofAttention freed by this
    private Tensor ofHeads(TensorScope scope, Trace trace, Tensor ofAttention, LayerContext context) {
        Tensor ofHeads = scope.empty(trace.heads().type(), trace.heads().shape());
        try (TensorScope work = scope.child("attention-backward-heads")) {
            Heads views = new Heads(work.borrow(trace.heads()), config);
            Heads into = new Heads(work.borrow(ofHeads), config);
            FlashAttention.Gradients gradients = context.attention()
                    .backward(work.adopt(ofAttention), views.query(), views.key(), views.value(), trace.attention());
            kernels.rotate(gradients.query(), into.query(), context.cos(), context.sin(), true);
            kernels.rotate(gradients.key(), into.key(), context.cos(), context.sin(), true);
            Tensors.copyInto(into.value(), gradients.value());
        }
        return ofHeads;
    }

    /// Queries and keys lie side by side, so they turn together.
    private void turn(Tensor heads, LayerContext context) {
        try (TensorScope work = TensorScope.of(heads).child("turn")) {
            Tensor turned = new Heads(work.borrow(heads), config).queryAndKey();
            kernels.rotate(turned, turned, context.cos(), context.sin(), false);
        }
    }

    private Augmented joined(TensorScope work, FlashAttention.Result attention) {
        long count = attention.output().size(0);
        Augmented joined = output.input(work, Math.toIntExact(count));
        Tensors.copyInto(joined.inputs(), work.borrow(attention.output()).reshape(count, -1));
        output.complete(joined);
        return joined;
    }

    private Norm norm() {
        return new Norm(gain, config.normEpsilon(), kernels);
    }
}
