package io.lorica.llm.train;

import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.TrainingPass;

/// Gradients by automatic differentiation, for every kind of adapter.
///
/// @param model the model with its adapter
/// @param measured the same without dropout
/// @param policy what is kept of a layer
/// @param noise strength of the noise on the embeddings, 0 for none
record RecordedGradients(CausalLm model, CausalLm measured, ActivationPolicy policy, double noise)
        implements GradientMethod {

    /// Gradients without noise and dropout.
    RecordedGradients(CausalLm model, ActivationPolicy policy) {
        this(model, model, policy, 0);
    }

    @Override
    public void collect(Batch batch, double normalizer, long seed, StepLosses losses) {
        try (TrainingPass pass = new TrainingPass(
                model,
                batch.tokens(),
                batch.layout(),
                policy,
                layer -> Seeds.mix(seed, layer),
                GradientMethod.noise(noise, seed))) {
            CompletionLoss.backward(model, pass, batch, normalizer, losses.counted());
        }
    }

    @Override
    public void measure(Batch batch, TokenLoss sums) {
        CompletionLoss.measure(measured, batch, sums);
    }

    @Override
    public void refresh() {
        // The model reads the parameters themselves.
    }

    @Override
    public void close() {
        // All that it uses belongs to the run's scope.
    }
}
