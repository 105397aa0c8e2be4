package io.lorica.llm.train;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

import io.lorica.llm.model.AdapterRoom;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.JoinedWeights;
import io.lorica.llm.model.LayerWeights;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ModelWeights;
import io.lorica.llm.model.ProjectionBiases;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.Rope;
import io.lorica.llm.model.RopeScaling;
import io.lorica.llm.projection.Dense;
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

    CausalLm make(TensorScope scope, ElementType type, AdapterRoom room) {
        ModelConfig config = config();
        List<LayerWeights> all = new ArrayList<>();
        for (int layer = 0; layer < layers; layer++) {
            all.add(layer(scope, type, config, room, layer));
        }
        return CausalLm.of(
                config,
                new ModelWeights(
                        random(scope, type, vocabulary, hidden),
                        all,
                        ones(scope, type),
                        random(scope, type, vocabulary, hidden)));
    }

    private LayerWeights layer(TensorScope scope, ElementType type, ModelConfig config, AdapterRoom room, int layer) {
        Map<ProjectionGroup, JoinedWeights> joined = new EnumMap<>(ProjectionGroup.class);
        Map<ProjectionKind, Dense> projections = new EnumMap<>(ProjectionKind.class);
        for (ProjectionGroup group : ProjectionGroup.values()) {
            int inputs = group.inputs(config);
            int outputs = group.outputs(config);
            Tensor matrix = random(scope, type, outputs, inputs + room.columns(layer, group));
            boolean biased = group.kinds().stream().anyMatch(config::hasBias);
            @Nullable Tensor bias = biased ? random(scope, type, outputs) : null;
            JoinedWeights weights = new JoinedWeights(matrix, bias, inputs);
            joined.put(group, weights);
            for (ProjectionKind kind : group.kinds()) {
                projections.put(kind, view(config, weights, group, kind));
            }
        }
        return new LayerWeights(ones(scope, type), ones(scope, type), null, projections, joined);
    }

    private static Dense view(ModelConfig config, JoinedWeights weights, ProjectionGroup group, ProjectionKind kind) {
        int offset = group.offset(config, kind);
        Tensor rows = Tensors.narrow(weights.matrix(), 0, offset, config.outputs(kind));
        Tensor bias = weights.bias();
        return Dense.of(
                Tensors.narrow(rows, 1, 0, weights.inputs()),
                bias == null ? null : Tensors.narrow(bias, 0, offset, config.outputs(kind)));
    }

    private Tensor ones(TensorScope scope, ElementType type) {
        return scope.zeros(type, hidden).addInPlace(1);
    }

    private static Tensor random(TensorScope scope, ElementType type, long... shape) {
        return Tensors.normal(scope.empty(type, shape), DEVIATION);
    }
}
