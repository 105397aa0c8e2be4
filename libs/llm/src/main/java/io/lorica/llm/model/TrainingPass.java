package io.lorica.llm.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToLongFunction;

import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// One pass through the layers of a model that can be gone back through. Every policy gives the same numbers, bit for
/// bit: random numbers start anew in each layer, and a layer computed once more computes the same.
///
/// Dimensions: B rows, T positions, E elements of a hidden state. Belongs to one thread; closing frees what was kept.
public final class TrainingPass implements AutoCloseable {

    private final CausalLm model;
    private final ActivationPolicy policy;
    private final IntToLongFunction seeds;
    private final TensorScope scope;
    private final Surroundings surroundings;
    private final Tensor embedded;
    private final List<Tensor> inputs = new ArrayList<>();
    private final @Nullable Tensor beforeNorm;
    private final Tensor hidden;

    /// Goes forward without noise.
    public TrainingPass(
            CausalLm model, Tensor tokens, SequenceLayout layout, ActivationPolicy policy, IntToLongFunction seeds) {
        this(model, tokens, layout, policy, seeds, EmbeddingNoise.NONE);
    }

    /// Goes forward.
    ///
    /// @param tokens int64 `(B, T)`
    /// @param layout where the sequences lie among them
    /// @param policy what to keep for the way back
    /// @param seeds the seed of each layer's random numbers
    /// @param noise what is added to the embeddings
    public TrainingPass(
            CausalLm model,
            Tensor tokens,
            SequenceLayout layout,
            ActivationPolicy policy,
            IntToLongFunction seeds,
            EmbeddingNoise noise) {
        this.model = model;
        this.policy = policy;
        this.seeds = seeds;
        this.scope = TensorScope.of(tokens).child("training-pass");
        try (Autograd recording = Autograd.recording()) {
            this.surroundings = model.surroundings(scope, layout);
            this.embedded = noise.addTo(model.embed(scope.borrow(tokens)), layout);
            if (policy == ActivationPolicy.KEEP) {
                this.beforeNorm = null;
                this.hidden = model.normed(throughRecordedLayers());
            } else {
                this.beforeNorm = scope.adopt(Autograd.parameter(throughForgottenLayers()));
                this.hidden = model.normed(scope.borrow(beforeNorm));
            }
        } catch (RuntimeException e) {
            scope.close();
            throw e;
        }
    }

    /// The normalised states `(B, T, E)`; they belong to the pass.
    public Tensor hidden() {
        return hidden;
    }

    /// Goes back: adds the gradients of every parameter below.
    ///
    /// @param result what was computed from the states
    /// @param gradient of the result, in its shape
    public void backward(Tensor result, Tensor gradient) {
        Autograd.backward(result, gradient);
        if (beforeNorm == null) {
            return;
        }
        Tensor next = scope.adopt(Autograd.gradient(beforeNorm));
        for (int layer = inputs.size() - 1; layer >= 0; layer--) {
            next = throughLayerOnceMore(layer, next);
        }
        if (Autograd.recorded(embedded)) {
            Autograd.backward(embedded, next);
        }
    }

    @Override
    public void close() {
        scope.close();
    }

    private Tensor throughRecordedLayers() {
        Tensor x = embedded;
        for (int layer = 0; layer < model.config().layers(); layer++) {
            x = forward(layer, x);
        }
        return x;
    }

    private Tensor throughForgottenLayers() {
        try (Autograd off = Autograd.off()) {
            Tensor x = scope.borrow(Autograd.detach(embedded));
            for (int layer = 0; layer < model.config().layers(); layer++) {
                Tensor next = forward(layer, x);
                inputs.add(policy.kept(x));
                x = next;
            }
            return x;
        }
    }

    private Tensor throughLayerOnceMore(int layer, Tensor gradient) {
        try (Autograd recording = Autograd.recording();
                Tensor kept = inputs.get(layer);
                TensorScope work = scope.child("layer-once-more");
                Tensor above = gradient) {
            Tensor input = work.adopt(Autograd.parameter(onDevice(kept)));
            Autograd.backward(forward(layer, input), above);
            return scope.adopt(Autograd.gradient(input));
        }
    }

    private static Tensor onDevice(Tensor kept) {
        boolean there = kept.onGpu() == TensorDevice.current().gpu();
        return there ? Autograd.detach(kept) : kept.copyTo(TensorDevice.current());
    }

    private Tensor forward(int layer, Tensor x) {
        Autograd.seed(seeds.applyAsLong(layer));
        return model.layer(layer).apply(x, surroundings);
    }
}
