package io.lorica.llm.model;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.layout.StoredQuantization;

/// Reads `config.json` of the families that Lorica knows, in the wording of transformers 4 and 5. What is absent is
/// what transformers 5 takes then; what contradicts itself is decided as there, or refused.
public final class ModelConfigReader {

    private static final int QWEN3_HEAD_SIZE = 128;
    private static final int DEFAULT_WINDOW = 4_096;
    private static final int DEFAULT_FIRST_WINDOWED_LAYER = 28;
    private static final String LAYER_TYPES = "layer_types";
    private static final String CONTEXT = "max_position_embeddings";

    private final JsonNode root;
    private final ModelFamily family;

    private ModelConfigReader(JsonNode root) {
        this.root = root;
        String architecture = root.path("architectures").path(0).asText("");
        this.family = ModelFamily.of(architecture)
                .orElseThrow(() -> unsupported(
                        "its architecture is '" + architecture + "'; choose one of " + ModelFamily.architectures()));
        String type = root.path("model_type").asText(family.modelType());
        if (!type.equals(family.modelType())) {
            throw unsupported("its architecture is '" + architecture + "', but its model_type is '" + type + "'");
        }
    }

    /// The configuration that a `config.json` describes.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when Lorica has no such model
    public static ModelConfig read(JsonNode root) {
        try {
            StoredQuantization.of(root);
            return new ModelConfigReader(root).config();
        } catch (IllegalArgumentException e) {
            throw unsupported("its config.json is not valid: " + e.getMessage());
        }
    }

    private ModelConfig config() {
        String activation = root.path("hidden_act").asText("silu");
        if (!activation.equals("silu")) {
            throw unsupported("its activation is '" + activation + "', and only silu is known");
        }
        int hidden = required("hidden_size");
        int heads = required("num_attention_heads");
        int layers = required("num_hidden_layers");
        int usualHeadSize = family == ModelFamily.QWEN3 ? QWEN3_HEAD_SIZE : hidden / Math.max(1, heads);
        Rope rope = new RopeReader(root, contextLength()).read();
        return new ModelConfig(
                family.architecture(),
                required("vocab_size"),
                hidden,
                required("intermediate_size"),
                layers,
                heads,
                keyValueHeads(heads),
                root.path("head_dim").asInt(usualHeadSize),
                root.path("rms_norm_eps").asDouble(1e-6),
                rope,
                rope.scaling().contextLength(contextLength()),
                biases(),
                family.headNorms(),
                windows(layers),
                root.path("tie_word_embeddings").asBoolean(false));
    }

    private int keyValueHeads(int heads) {
        JsonNode number = root.path("num_key_value_heads");
        return number.isMissingNode() ? family.keyValueHeads(heads) : number.asInt(heads);
    }

    private int contextLength() {
        return root.path(CONTEXT).asInt(family.contextLength());
    }

    private ProjectionBiases biases() {
        boolean attention = root.path("attention_bias").asBoolean(false);
        return switch (family.biases()) {
            case AS_CONFIGURED ->
                new ProjectionBiases(attention, attention, root.path("mlp_bias").asBoolean(false));
            case INPUT -> new ProjectionBiases(true, false, false);
            case NONE -> new ProjectionBiases(false, false, false);
        };
    }

    private List<Integer> windows(int layers) {
        return switch (family) {
            case LLAMA -> Collections.nCopies(Math.max(0, layers), 0);
            case MISTRAL -> Collections.nCopies(Math.max(0, layers), window());
            case QWEN2, QWEN3 -> {
                int length = root.path("use_sliding_window").asBoolean(false) ? window() : 0;
                checkLayerTypes(layers, length);
                yield IntStream.range(0, layers)
                        .mapToObj(layer -> length > 0 && windowed(layer) ? length : 0)
                        .toList();
            }
        };
    }

    /// The positions that a position sees; 0 for all before it.
    private int window() {
        JsonNode window = root.path("sliding_window");
        int length = window.isNull() ? 0 : window.asInt(DEFAULT_WINDOW);
        if (!window.isNull() && length < 1) {
            throw unsupported("its sliding_window is " + window + "; it is a number above 0, or null for none");
        }
        return length;
    }

    private void checkLayerTypes(int layers, int window) {
        JsonNode types = root.path(LAYER_TYPES);
        if (!types.isArray()) {
            return;
        }
        if (types.size() != layers) {
            throw unsupported("it has " + layers + " layers and " + types.size() + " layer_types");
        }
        if (window == 0 && IntStream.range(0, layers).anyMatch(this::windowed)) {
            throw unsupported("its layer_types name sliding_attention, but use_sliding_window or sliding_window say"
                    + " that there is none");
        }
    }

    private boolean windowed(int layer) {
        JsonNode types = root.path(LAYER_TYPES);
        if (!types.isArray()) {
            return layer >= root.path("max_window_layers").asInt(DEFAULT_FIRST_WINDOWED_LAYER);
        }
        String type = types.path(layer).asText("");
        return switch (type) {
            case "sliding_attention" -> true;
            case "full_attention" -> false;
            default -> throw unsupported("the attention of its layer " + layer + " is '" + type + "'");
        };
    }

    private int required(String name) {
        return Optional.of(root.path(name))
                .filter(JsonNode::isInt)
                .orElseThrow(() -> new IllegalArgumentException(name + " is missing"))
                .asInt();
    }

    static ProductException unsupported(String reason) {
        return ProductException.of(ErrorCode.UNSUPPORTED_MODEL, "This model cannot be used: " + reason + ".");
    }
}
