package io.lorica.llm.train;

import java.util.Optional;

import io.lorica.llm.fused.FusedHead;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.fused.FusedPass;
import io.lorica.llm.fused.GradientPass;
import io.lorica.llm.fused.PassGraphs;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.tensor.TensorScope;

/// Gradients written by hand.
final class FusedGradients implements GradientMethod {

    private final GradientPass pass;
    private final double noise;
    private final Optional<PassGraphs> graphs;

    /// @param model the model with its adapter, closed with this
    /// @param policy what is kept of a layer
    /// @param noise strength of the noise on the embeddings, 0 for none
    FusedGradients(FusedModel model, ActivationPolicy policy, double noise) {
        this.pass = new GradientPass(model, policy);
        this.noise = noise;
        this.graphs = noise == 0 ? PassGraphs.of(pass) : Optional.empty();
    }

    /// Gradients without noise.
    FusedGradients(FusedModel model, ActivationPolicy policy) {
        this(model, policy, 0);
    }

    @Override
    public void collect(Batch batch, double normalizer, long seed, StepLosses losses) {
        try (TensorScope scope = TensorScope.of(batch.tokens()).child("fused-gradients")) {
            double weight = 1 / normalizer;
            FusedHead.Measured measured = graphs.flatMap(all -> all.collect(scope, batch.forPass(), weight))
                    .orElseGet(() -> pass.collect(scope, batch.forPass(), weight, GradientMethod.noise(noise, seed)));
            losses.add(batch.learned(), measured.losses(), measured.hits());
        }
    }

    @Override
    public void measure(Batch batch, TokenLoss sums) {
        try (TensorScope scope = TensorScope.of(batch.tokens()).child("fused-measure");
                FusedPass oneWay = FusedPass.oneWay(pass.model(), batch.forPass())) {
            FusedHead.Measured measured = FusedHead.measured(scope, pass.model(), oneWay.states(), batch.targets());
            CompletionLoss.count(
                    batch.learned(),
                    measured.losses().toFloatArray(),
                    measured.hits().toFloatArray(),
                    sums);
        }
    }

    @Override
    public void refresh() {
        pass.model().refresh();
    }

    @Override
    public void close() {
        graphs.ifPresent(PassGraphs::close);
        pass.model().close();
    }
}
