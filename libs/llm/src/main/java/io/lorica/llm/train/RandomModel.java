package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.EightBitTokens;
import io.lorica.llm.model.FullTokens;
import io.lorica.llm.model.JoinedWeights;
import io.lorica.llm.model.LayerWeights;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ModelWeights;
import io.lorica.llm.model.ProjectionBiases;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.Rope;
import io.lorica.llm.model.RopeScaling;
import io.lorica.llm.model.TokenMatrix;
import io.lorica.llm.projection.Dense;
import io.lorica.llm.quantize.EightBitRows;
import io.lorica.llm.quantize.QuantizedMatrix;
import io.lorica.llm.quantize.Quantizer;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import org.jspecify.annotations.Nullable;

/// Models of real shapes with random weights, made on the device, to measure speed and memory with.
enum RandomModel {
    /// DeepSeek-R1-Distill-Qwen-1.5B
    QWEN_1_5B(1_536, 8_960, 28, 12, 2, 151_936),
    /// DeepSeek-R1-Distill-Qwen-7B
    QWEN_7B(3_584, 18_944, 28, 28, 4, 152_064),
    /// SmolLM2-135M with the biases of Qwen2
    SMALL_135M(576, 1_536, 30, 9, 3, 49_152);

    private static final double DEVIATION = 0.02;
    private static final int CONTEXT = 131_072;

    private final int hidden;
    private final int intermediate;
    private final int layers;
    private final int heads;
    private final int keyValueHeads;
    private final int vocabulary;

    RandomModel(int hidden, int intermediate, int layers, int heads, int keyValueHeads, int vocabulary) {
        this.hidden = hidden;
        this.intermediate = intermediate;
        this.layers = layers;
        this.heads = heads;
        this.keyValueHeads = keyValueHeads;
        this.vocabulary = vocabulary;
    }

    ModelConfig config() {
        return new ModelConfig(
                "Qwen2ForCausalLM",
                vocabulary,
                hidden,
                intermediate,
                layers,
                heads,
                keyValueHeads,
                hidden / heads,
                1e-6,
                new Rope(10_000, new RopeScaling.None()),
                CONTEXT,
                new ProjectionBiases(true, false, false),
                false,
                Collections.nCopies(layers, 0),
                false);
    }

    CausalLm make(TensorScope scope, LoadPlan plan) {
        ModelConfig config = config();
        Quantizer quantizer = plan.projections().quantizer(scope);
        // As a model is read: what both ends need on the way is free again for the layers.
        TokenMatrix embedding = tokens(scope, plan);
        TokenMatrix head = tokens(scope, plan);
        List<LayerWeights> all = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            all.add(layer(scope, plan, config, layer, quantizer));
        }
        return CausalLm.of(config, new ModelWeights(embedding, all, ones(scope, plan.type()), head));
    }

    private TokenMatrix tokens(TensorScope scope, LoadPlan plan) {
        return switch (plan.tokens()) {
            case FULL -> new FullTokens(random(scope, plan.type(), vocabulary, hidden));
            case EIGHT_BITS -> {
                try (TensorScope work = scope.child("full")) {
                    Tensor full = random(work, plan.type(), vocabulary, hidden);
                    yield new EightBitTokens(EightBitRows.of(scope, full), plan.type());
                }
            }
        };
    }

    private LayerWeights layer(
            TensorScope scope, LoadPlan plan, ModelConfig config, int layer, @Nullable Quantizer quantizer) {
        ElementType type = plan.type();
        Map<ProjectionGroup, JoinedWeights> joined = new EnumMap<>(ProjectionGroup.class);
        Map<ProjectionKind, Dense> projections = new EnumMap<>(ProjectionKind.class);
        for (ProjectionGroup group : ProjectionGroup.values()) {
            JoinedWeights weights = quantizer == null
                    ? stored(scope, type, config, group, plan.room().columns(layer, group))
                    : quantized(scope, type, config, group, quantizer);
            joined.put(group, weights);
            group.kinds().forEach(kind -> projections.put(kind, weights.projection(config, kind)));
        }
        return new LayerWeights(ones(scope, type), ones(scope, type), null, projections, joined);
    }

    private static JoinedWeights stored(
            TensorScope scope, ElementType type, ModelConfig config, ProjectionGroup group, int room) {
        @Nullable Tensor bias = bias(scope, type, config, group);
        JoinedWeights.Stored weights =
                JoinedWeights.Stored.empty(scope, type, group.outputs(config), group.inputs(config), room, bias);
        Tensors.normal(weights.values(), DEVIATION);
        return weights;
    }

    private static JoinedWeights quantized(
            TensorScope scope, ElementType type, ModelConfig config, ProjectionGroup group, Quantizer quantizer) {
        @Nullable Tensor bias = bias(scope, type, config, group);
        List<QuantizedMatrix> parts = group.kinds().stream()
                .map(kind -> quantized(scope, quantizer, type, config.outputs(kind), config.inputs(kind)))
                .toList();
        return new JoinedWeights.Quantized(parts, bias, type);
    }

    private static QuantizedMatrix quantized(
            TensorScope scope, Quantizer quantizer, ElementType type, long outputs, long inputs) {
        try (TensorScope work = scope.child("full")) {
            return quantizer.quantize(scope, random(work, type, outputs, inputs));
        }
    }

    private static @Nullable Tensor bias(
            TensorScope scope, ElementType type, ModelConfig config, ProjectionGroup group) {
        boolean biased = group.kinds().stream().anyMatch(config::hasBias);
        return biased ? random(scope, type, group.outputs(config)) : null;
    }

    private Tensor ones(TensorScope scope, ElementType type) {
        return scope.zeros(type, hidden).addInPlace(1);
    }

    private static Tensor random(TensorScope scope, ElementType type, long... shape) {
        return Tensors.normal(scope.empty(type, shape), DEVIATION);
    }
}
