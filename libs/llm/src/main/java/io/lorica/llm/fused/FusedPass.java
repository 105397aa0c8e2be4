package io.lorica.llm.fused;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.EmbeddingNoise;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.FlashAttention;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// One pass of a batch through a [FusedModel] that can be gone back through. Padding is left out from the
/// beginning. Dimensions: N tokens, E elements of a hidden state, n learned tokens.
public final class FusedPass implements AutoCloseable {

    private final FusedModel model;
    private final ActivationPolicy policy;
    private final TensorScope scope;
    private final PassInputs batch;
    private final Map<Integer, FlashAttention> attentions = new HashMap<>();
    private final List<TensorScope> kept = new ArrayList<>();
    private final List<FusedLayer.Trace> traces = new ArrayList<>();
    private final LayerInputs inputs;
    private final Tensor last;
    private final Tensor lastInverse;
    private final Tensor states;

    /// What the layers take, once there is a scope for it.
    private interface Source {
        PassInputs in(TensorScope scope);
    }

    /// Goes forward.
    ///
    /// @param policy what to keep for the way back
    /// @param noise what is added to the embeddings
    public FusedPass(FusedModel model, PassBatch batch, ActivationPolicy policy, EmbeddingNoise noise) {
        this(
                TensorScope.of(batch.tokens()),
                model,
                scope -> PassInputs.of(scope, model, batch),
                policy,
                noise,
                model.inputs(policy));
    }

    /// Goes forward with what lies on the device already.
    FusedPass(TensorScope parent, FusedModel model, PassInputs batch, ActivationPolicy policy) {
        this(parent, model, _ -> batch, policy, EmbeddingNoise.NONE, model.inputs(policy));
    }

    /// Goes forward for good: nothing is kept for a way back.
    public static FusedPass oneWay(FusedModel model, PassBatch batch) {
        return new FusedPass(
                TensorScope.of(batch.tokens()),
                model,
                scope -> PassInputs.of(scope, model, batch),
                ActivationPolicy.RECOMPUTE,
                EmbeddingNoise.NONE,
                new ForgottenInputs());
    }

    private FusedPass(
            TensorScope parent,
            FusedModel model,
            Source source,
            ActivationPolicy policy,
            EmbeddingNoise noise,
            LayerInputs inputs) {
        this.model = model;
        this.policy = policy;
        this.inputs = inputs;
        this.scope = parent.child("fused-pass");
        try (Autograd off = Autograd.off()) {
            this.batch = source.in(scope);
            Tensor x = throughLayers(noise);
            this.last = scope.adopt(Tensors.rows(x, batch.places()));
            x.close();
            this.lastInverse = scope.empty(ElementType.F32, batch.places().size(0));
            this.states = scope.empty(last.type(), last.shape());
            Tensor gain = model.base().weights().norm();
            model.kernels().rmsNorm(last, gain, config().normEpsilon(), states, lastInverse);
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /// The normalised states at the positions, `(n, E)`; they belong to the pass.
    public Tensor states() {
        return states;
    }

    /// Goes back, once: collects the gradients of the adapter.
    ///
    /// @param gradient of the states, `(n, E)`; freed by this, as the states are
    public void backward(Tensor gradient) {
        try (Autograd off = Autograd.off();
                TensorScope work = scope.child("backward")) {
            FlowingGradient flowing = ofLastLayer(work, gradient);
            for (int layer = config().layers() - 1; layer >= 0; layer--) {
                backward(layer, flowing);
            }
        }
    }

    @Override
    public void close() {
        scope.close();
    }

    /// The gradient of the last layer's result.
    private FlowingGradient ofLastLayer(TensorScope scope, Tensor gradient) {
        try (gradient;
                states;
                last;
                TensorScope work = scope.child("head-backward")) {
            Tensor ofLast = work.zeros(last.type(), last.shape());
            Tensor gain = model.base().weights().norm();
            model.kernels().rmsNormBackward(gradient, last, gain, lastInverse, ofLast);
            FlowingGradient flowing = FlowingGradient.zeros(
                    scope, last.type(), batch.tokens().size(0), config().hiddenSize(), model.room());
            Tensors.putRows(flowing.values(work), batch.places(), ofLast);
            return flowing;
        }
    }

    private Tensor throughLayers(EmbeddingNoise noise) {
        Tensor embedded = model.base().weights().embedding().rows(scope.borrow(batch.tokens()));
        Tensor x = noise.addTo(embedded, batch.lengths());
        for (int layer = 0; layer < config().layers(); layer++) {
            x = policy == ActivationPolicy.KEEP ? throughKept(layer, x) : throughForgotten(layer, x);
        }
        return x;
    }

    private Tensor throughKept(int layer, Tensor x) {
        TensorScope own = scope.child("layer");
        kept.add(own);
        FusedLayer.Result result = model.layers().get(layer).keep(own, x, context(layer));
        traces.add(result.trace());
        // The next layer keeps it as its input.
        return scope.adopt(result.output());
    }

    private Tensor throughForgotten(int layer, Tensor x) {
        Tensor next = model.layers().get(layer).forget(scope, x, context(layer));
        inputs.put(layer, x);
        return next;
    }

    private void backward(int layer, FlowingGradient flowing) {
        FusedLayer fused = model.layers().get(layer);
        if (policy == ActivationPolicy.KEEP) {
            try (TensorScope own = kept.get(layer)) {
                fused.backward(own, traces.get(layer), flowing, context(layer));
            }
            return;
        }
        try (TensorScope work = scope.child("layer-once-more")) {
            fused.backwardOnceMore(work, inputs.take(layer, work), flowing, context(layer));
        }
    }

    private LayerContext context(int layer) {
        int window = config().windows().get(layer);
        FlashAttention attention = attentions.computeIfAbsent(window, batch.attention()::apply);
        return new LayerContext(batch.angles().cos(), batch.angles().sin(), attention);
    }

    private ModelConfig config() {
        return model.base().config();
    }
}
