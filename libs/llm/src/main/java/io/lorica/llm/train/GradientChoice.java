package io.lorica.llm.train;

import java.util.Optional;

import io.lorica.contracts.job.GradientCheckpointing;
import io.lorica.contracts.job.JobSpec;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.quantize.WeightFormat;

/// How the gradients of a run are taken, and what is kept of each layer for that.
///
/// @param obstacle why they are not taken by hand; empty where they are
/// @param policy what is kept
record GradientChoice(Optional<String> obstacle, ActivationPolicy policy) {

    /// Switches gradients by hand off when it is `false`.
    private static final String PROPERTY = "lorica.fused";

    /// The choice for a model that is there.
    static GradientChoice of(CausalLm base, AdapterParameters adapter, JobSpec spec) {
        return of(
                switchedOff()
                        .or(() -> FusedModel.obstacle(base, adapter, spec.lora().dropout())),
                spec,
                base.quantized());
    }

    /// The same choice before the model is loaded.
    static GradientChoice of(ModelConfig config, JobSpec spec, LoadPlan load) {
        return of(
                switchedOff().or(() -> FusedModel.obstacle(config, load.type(), spec.lora())),
                spec,
                load.projections() != WeightFormat.FULL);
    }

    private static GradientChoice of(Optional<String> obstacle, JobSpec spec, boolean fewBits) {
        ActivationPolicy wanted = policy(spec.plan().extras().gradientCheckpointing());
        // A recorded product keeps the numbers of its matrix: layer by layer, not those of the whole model at once.
        boolean layerByLayer = obstacle.isPresent() && fewBits && wanted == ActivationPolicy.KEEP;
        return new GradientChoice(obstacle, layerByLayer ? ActivationPolicy.RECOMPUTE : wanted);
    }

    private static Optional<String> switchedOff() {
        return Boolean.parseBoolean(System.getProperty(PROPERTY, "true"))
                ? Optional.empty()
                : Optional.of(PROPERTY + " being false");
    }

    /// What a job keeps of each layer.
    private static ActivationPolicy policy(GradientCheckpointing checkpointing) {
        return switch (checkpointing) {
            case NONE -> ActivationPolicy.KEEP;
            case LAYERS -> ActivationPolicy.RECOMPUTE;
            case OFFLOAD -> ActivationPolicy.OFFLOAD;
        };
    }
}
