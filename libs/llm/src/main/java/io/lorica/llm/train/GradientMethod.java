package io.lorica.llm.train;

import io.lorica.contracts.job.JobSpec;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.EmbeddingNoise;
import io.lorica.llm.tensor.TensorScope;

/// How the gradients of a micro-batch are taken: by hand where that is written, else by automatic
/// differentiation.
sealed interface GradientMethod extends AutoCloseable permits FusedGradients, RecordedGradients {

    /// Adds the gradients of Σ loss / normaliser to the adapter's parameters.
    ///
    /// @param normalizer the learned tokens of the whole optimizer step
    /// @param seed decides what is random in this micro-batch
    /// @param losses where the losses go
    /// @throws io.lorica.contracts.error.ProductException with `NON_FINITE_LOSS` naming the rows, if the
    /// losses are read already
    void collect(Batch batch, double normalizer, long seed, StepLosses losses);

    /// Adds the losses of a batch without learning from it, and without dropout or noise.
    ///
    /// @param sums where the losses are counted
    /// @throws io.lorica.contracts.error.ProductException with `NON_FINITE_LOSS` naming the rows
    void measure(Batch batch, TokenLoss sums);

    /// Takes over what the optimizer, or a checkpoint, made of the parameters.
    void refresh();

    @Override
    void close();

    /// The fastest method that a job allows.
    static GradientMethod of(
            TensorScope scope, CausalLm base, AdapterParameters adapter, JobSpec spec, GradientChoice choice) {
        double noise = spec.plan().extras().neftuneAlpha();
        if (choice.obstacle().isEmpty()) {
            return new FusedGradients(FusedModel.of(scope, base, adapter), choice.policy(), noise);
        }
        CausalLm learning = adapter.applyTo(base, spec.lora().dropout());
        return new RecordedGradients(learning, adapter.applyTo(base, 0), choice.policy(), noise);
    }

    /// The noise on the embeddings of a micro-batch.
    static EmbeddingNoise noise(double alpha, long seed) {
        return alpha == 0 ? EmbeddingNoise.NONE : new EmbeddingNoise(alpha, Seeds.mix(seed, -1));
    }
}
