package io.lorica.llm.train;

import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.TrainingPass;

/// Gradients by automatic differentiation, for every kind of adapter.
///
/// @param model the model with its adapter
/// @param policy what is kept of a layer
record RecordedGradients(CausalLm model, ActivationPolicy policy) implements GradientMethod {

    @Override
    public void collect(Batch batch, double normalizer, long seed, TokenLoss sums) {
        try (TrainingPass pass =
                new TrainingPass(model, batch.tokens(), batch.layout(), policy, layer -> Seeds.mix(seed, layer))) {
            CompletionLoss.backward(model, pass, batch, normalizer, sums);
        }
    }

    @Override
    public void refresh() {
        // The model reads the parameters themselves.
    }
}
