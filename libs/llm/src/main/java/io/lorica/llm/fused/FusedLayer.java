package io.lorica.llm.fused;

import java.util.Map;

import io.lorica.llm.model.LayerWeights;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.FlashAttention;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// One decoder layer with its gradients by hand. Dimensions: N tokens, E elements of a hidden state, H query heads, K
/// key and value heads, D elements of a head, I elements inside the feed-forward block.
///
/// @param config the model's shape
/// @param weights the frozen tensors
/// @param groups the joined matrices with their adapters
/// @param kernels what lies between products
record FusedLayer(
        ModelConfig config, LayerWeights weights, Map<ProjectionGroup, AdapterGroup> groups, Kernels kernels) {

    /// What the way back needs.
    ///
    /// @param input x, `(N, E)`
    /// @param inputInverse of the first norm, `(N)`
    /// @param heads rotated queries, rotated keys and values side by side, `(N, (H + 2·K) · D)`
    /// @param attention the attention's result
    /// @param attended x + attention, `(N, E)`
    /// @param attendedInverse of the second norm, `(N)`
    /// @param gateUp gates and ups side by side, `(N, 2·I)`
    record Trace(
            Tensor input,
            Tensor inputInverse,
            Tensor heads,
            FlashAttention.Result attention,
            Tensor attended,
            Tensor attendedInverse,
            Tensor gateUp) {}

    FusedLayer {
        groups = Map.copyOf(groups);
    }

    /// Computes all but the last product; what is kept lives in the scope, what is not is freed.
    Trace trace(TensorScope scope, Tensor input, LayerContext context) {
        int count = count(input);
        Tensor inputInverse = scope.empty(ElementType.F32, count);
        Tensor attendedInverse = scope.empty(ElementType.F32, count);
        Tensor attended = scope.borrow(input).duplicate();
        Tensor heads;
        try (TensorScope work = scope.child("attention-input")) {
            Augmented normed = normed(work, input, inputInverse, weights.inputNorm(), ProjectionGroup.ATTENTION_INPUT);
            heads = group(ProjectionGroup.ATTENTION_INPUT).forward(scope, normed);
        }
        rotate(heads, context, false);
        Heads views = new Heads(heads, config);
        FlashAttention.Result attention = context.attention().forward(views.query(), views.key(), views.value());
        try (TensorScope work = scope.child("attention-output")) {
            group(ProjectionGroup.ATTENTION_OUTPUT).addForward(joined(work, attention), attended);
        }
        Tensor gateUp;
        try (TensorScope work = scope.child("feed-forward-input")) {
            Augmented normed =
                    normed(work, attended, attendedInverse, weights.innerNorm(), ProjectionGroup.FEED_FORWARD_INPUT);
            gateUp = group(ProjectionGroup.FEED_FORWARD_INPUT).forward(scope, normed);
        }
        return new Trace(input, inputInverse, heads, attention, attended, attendedInverse, gateUp);
    }

    /// The layer's result `(N, E)`, in the scope.
    Tensor result(TensorScope scope, Trace trace) {
        Tensor output = scope.borrow(trace.attended()).duplicate();
        try (TensorScope work = scope.child("feed-forward-output")) {
            group(ProjectionGroup.FEED_FORWARD_OUTPUT).addForward(activated(work, trace), output);
        }
        return output;
    }

    /// Turns the gradient of the result into that of the input, in place, and collects those of the adapters.
    ///
    /// @param gradient `(N, E)`
    void backward(TensorScope scope, Trace trace, Tensor gradient, LayerContext context) {
        try (TensorScope work = scope.child("feed-forward-backward")) {
            Tensor ofActivated =
                    group(ProjectionGroup.FEED_FORWARD_OUTPUT).backward(work, gradient, activated(work, trace));
            Tensor ofGateUp = trace.gateUp();
            kernels.swiGluBackward(ofActivated, trace.gateUp(), ofGateUp);
            Tensor ofNormed = group(ProjectionGroup.FEED_FORWARD_INPUT)
                    .backward(
                            work,
                            ofGateUp,
                            normedAgain(
                                    work, trace.attended(), weights.innerNorm(), ProjectionGroup.FEED_FORWARD_INPUT));
            kernels.rmsNormBackward(ofNormed, trace.attended(), weights.innerNorm(), trace.attendedInverse(), gradient);
        }
        try (TensorScope work = scope.child("attention-backward")) {
            Tensor ofJoined =
                    group(ProjectionGroup.ATTENTION_OUTPUT).backward(work, gradient, joined(work, trace.attention()));
            Tensor ofHeads = attentionBackward(work, trace, ofJoined, context);
            Tensor ofNormed = group(ProjectionGroup.ATTENTION_INPUT)
                    .backward(
                            work,
                            ofHeads,
                            normedAgain(work, trace.input(), weights.inputNorm(), ProjectionGroup.ATTENTION_INPUT));
            kernels.rmsNormBackward(ofNormed, trace.input(), weights.inputNorm(), trace.inputInverse(), gradient);
        }
    }

    private Tensor attentionBackward(TensorScope work, Trace trace, Tensor ofJoined, LayerContext context) {
        long count = ofJoined.size(0);
        Heads views = new Heads(work.borrow(trace.heads()), config);
        Tensor perHead = ofJoined.contiguous().reshape(count, config.heads(), config.headSize());
        FlashAttention.Gradients gradients =
                context.attention().backward(perHead, views.query(), views.key(), views.value(), trace.attention());
        Tensor ofHeads = work.empty(trace.heads().type(), trace.heads().shape());
        Heads into = new Heads(ofHeads, config);
        Tensors.copyInto(into.query(), gradients.query());
        Tensors.copyInto(into.key(), gradients.key());
        Tensors.copyInto(into.value(), gradients.value());
        rotate(ofHeads, context, true);
        return ofHeads;
    }

    /// Queries and keys lie side by side, so they turn together.
    private void rotate(Tensor heads, LayerContext context, boolean back) {
        try (TensorScope work = TensorScope.of(heads).child("rotate")) {
            Tensor turned = new Heads(work.borrow(heads), config).queryAndKey();
            kernels.rotate(turned, context.cos(), context.sin(), back);
        }
    }

    private Augmented normed(TensorScope work, Tensor x, Tensor inverse, Tensor gain, ProjectionGroup group) {
        Augmented normed = group(group).input(work, count(x));
        kernels.rmsNorm(x, gain, config.normEpsilon(), normed.inputs(), inverse);
        group(group).complete(normed);
        return normed;
    }

    private Augmented normedAgain(TensorScope work, Tensor x, Tensor gain, ProjectionGroup group) {
        return normed(work, x, work.empty(ElementType.F32, count(x)), gain, group);
    }

    private Augmented joined(TensorScope work, FlashAttention.Result attention) {
        Augmented joined = group(ProjectionGroup.ATTENTION_OUTPUT).input(work, count(attention.output()));
        Tensors.copyInto(
                joined.inputs(),
                work.borrow(attention.output()).reshape(attention.output().size(0), -1));
        group(ProjectionGroup.ATTENTION_OUTPUT).complete(joined);
        return joined;
    }

    private Augmented activated(TensorScope work, Trace trace) {
        Augmented activated = group(ProjectionGroup.FEED_FORWARD_OUTPUT).input(work, count(trace.gateUp()));
        kernels.swiGlu(trace.gateUp(), activated.inputs());
        group(ProjectionGroup.FEED_FORWARD_OUTPUT).complete(activated);
        return activated;
    }

    private AdapterGroup group(ProjectionGroup group) {
        AdapterGroup found = groups.get(group);
        if (found == null) {
            throw new IllegalStateException("the layer was built without " + group);
        }
        return found;
    }

    private static int count(Tensor x) {
        return Math.toIntExact(x.size(0));
    }
}
