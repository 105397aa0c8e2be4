package io.lorica.llm.train;

import io.lorica.llm.fused.FusedHead;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.fused.FusedPass;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.tensor.TensorScope;

/// Gradients written by hand.
///
/// @param model the model with its adapter
/// @param policy what is kept of a layer
/// @param noise strength of the noise on the embeddings, 0 for none
record FusedGradients(FusedModel model, ActivationPolicy policy, double noise) implements GradientMethod {

    /// Gradients without noise.
    FusedGradients(FusedModel model, ActivationPolicy policy) {
        this(model, policy, 0);
    }

    @Override
    public void collect(Batch batch, double normalizer, long seed, StepLosses losses) {
        try (TensorScope scope = TensorScope.of(batch.tokens()).child("fused-gradients");
                FusedPass pass = new FusedPass(
                        model,
                        batch.tokens(),
                        batch.layout(),
                        batch.positions(),
                        policy,
                        GradientMethod.noise(noise, seed))) {
            FusedHead head = FusedHead.of(scope, model, pass.states(), batch.targets(), 1 / normalizer);
            pass.backward(head.gradient());
            losses.add(batch.learned(), head.losses(), head.hits());
        }
    }

    @Override
    public void measure(Batch batch, TokenLoss sums) {
        try (TensorScope scope = TensorScope.of(batch.tokens()).child("fused-measure");
                FusedPass pass = FusedPass.oneWay(model, batch.tokens(), batch.layout(), batch.positions())) {
            FusedHead.Measured measured = FusedHead.measured(scope, model, pass.states(), batch.targets());
            CompletionLoss.count(
                    batch.learned(),
                    measured.losses().toFloatArray(),
                    measured.hits().toFloatArray(),
                    sums);
        }
    }

    @Override
    public void refresh() {
        model.refresh();
    }

    @Override
    public void close() {
        model.close();
    }
}
