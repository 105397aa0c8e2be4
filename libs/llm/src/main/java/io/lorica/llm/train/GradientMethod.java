package io.lorica.llm.train;

import java.util.Optional;

import io.lorica.contracts.job.GradientCheckpointing;
import io.lorica.contracts.job.JobSpec;
import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.EmbeddingNoise;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import org.jboss.logging.Logger;

/// How the gradients of a micro-batch are taken: by hand where that is written, else by automatic differentiation.
sealed interface GradientMethod extends AutoCloseable permits FusedGradients, RecordedGradients {

    /// Switches gradients by hand off when it is `false`.
    String PROPERTY = "lorica.fused";

    /// Adds the gradients of Σ loss / normaliser to the adapter's parameters.
    ///
    /// @param normalizer the learned tokens of the whole optimizer step
    /// @param seed decides what is random in this micro-batch
    /// @param sums where the losses are counted
    /// @throws io.lorica.contracts.error.ProductException with `NON_FINITE_LOSS` naming the rows
    void collect(Batch batch, double normalizer, long seed, TokenLoss sums);

    /// Takes over what the optimizer, or a checkpoint, made of the parameters.
    void refresh();

    @Override
    void close();

    /// The fastest method that a job allows.
    static GradientMethod of(TensorScope scope, CausalLm base, AdapterParameters adapter, JobSpec spec) {
        ActivationPolicy policy = policy(spec.plan().extras().gradientCheckpointing());
        double dropout = spec.lora().dropout();
        double noise = spec.plan().extras().neftuneAlpha();
        Optional<String> obstacle = Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))
                ? FusedModel.obstacle(base, adapter, dropout)
                : Optional.of(PROPERTY + " being false");
        Logger log = Logger.getLogger(GradientMethod.class);
        log.infof(
                "training on %s in %s; kernels of our own: %s",
                TensorDevice.current().words(),
                base.type().torchName(),
                Cuda.status().words());
        if (obstacle.isEmpty()) {
            log.info("gradients are written by hand");
            return new FusedGradients(FusedModel.of(scope, base, adapter), policy, noise);
        }
        log.infof("gradients are taken by automatic differentiation because of %s", obstacle.get());
        return new RecordedGradients(
                adapter.applyTo(base, dropout), base.quantized() ? forFewBits(policy) : policy, noise);
    }

    /// A recorded product keeps the numbers of its matrix: layer by layer, not those of the whole model at once.
    private static ActivationPolicy forFewBits(ActivationPolicy policy) {
        return policy == ActivationPolicy.KEEP ? ActivationPolicy.RECOMPUTE : policy;
    }

    /// The noise on the embeddings of a micro-batch.
    static EmbeddingNoise noise(double alpha, long seed) {
        return alpha == 0 ? EmbeddingNoise.NONE : new EmbeddingNoise(alpha, Seeds.mix(seed, -1));
    }

    /// What a job keeps of each layer.
    static ActivationPolicy policy(GradientCheckpointing checkpointing) {
        return switch (checkpointing) {
            case NONE -> ActivationPolicy.KEEP;
            case LAYERS -> ActivationPolicy.RECOMPUTE;
            case OFFLOAD -> ActivationPolicy.OFFLOAD;
        };
    }
}
