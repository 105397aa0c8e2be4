package io.lorica.llm.train;

import java.util.Optional;

import io.lorica.contracts.job.GradientCheckpointing;
import io.lorica.contracts.job.JobSpec;
import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.fused.FusedModel;
import io.lorica.llm.fused.PassGraphs;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.FlashAttention;
import io.lorica.llm.tensor.TensorDevice;

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

    /// Whether short batches are captured as graphs of a GPU.
    boolean graphs(JobSpec spec) {
        return obstacle.isEmpty()
                && policy != ActivationPolicy.OFFLOAD
                && spec.plan().extras().neftuneAlpha() == 0
                && PassGraphs.available();
    }

    /// What a run computes on and in, with which kernels, attention and gradients, in words.
    String words(CausalLm base, JobSpec spec) {
        String attention = obstacle.isEmpty()
                ? FlashAttention.words(base.type(), base.config().headSize())
                : "libtorch's for recorded products";
        String gradients = obstacle.map(reason -> "by automatic differentiation because of " + reason)
                .orElse("by hand");
        return TensorDevice.current().words() + "; numbers: " + base.type().torchName() + "; kernels of our own: "
                + Cuda.status().words() + "; attention: " + attention + "; gradients: " + gradients
                + (graphs(spec) ? "; passes of fewer than " + PassGraphs.limit(base.config()) + " tokens: graphs" : "");
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
