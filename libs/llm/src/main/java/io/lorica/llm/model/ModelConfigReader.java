package io.lorica.llm.model;

import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// Reads `config.json` of the Llama and Qwen2 families, in the wording of transformers 4 and 5.
public final class ModelConfigReader {

    private static final String LLAMA = "LlamaForCausalLM";
    private static final String QWEN2 = "Qwen2ForCausalLM";
    private static final double DEFAULT_THETA = 10_000;

    private final JsonNode root;

    private ModelConfigReader(JsonNode root) {
        this.root = root;
    }

    /// The configuration that a `config.json` describes.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when Lorica has no such model
    public static ModelConfig read(JsonNode root) {
        try {
            return new ModelConfigReader(root).config();
        } catch (IllegalArgumentException e) {
            throw unsupported("its config.json is not valid: " + e.getMessage());
        }
    }

    private ModelConfig config() {
        String architecture = root.path("architectures").path(0).asText("");
        boolean qwen2 = architecture.equals(QWEN2);
        if (!qwen2 && !architecture.equals(LLAMA)) {
            throw unsupported("its architecture is '" + architecture + "'; choose a " + LLAMA + " or " + QWEN2);
        }
        if (root.path("use_sliding_window").asBoolean(false)) {
            throw unsupported("it uses sliding-window attention");
        }
        String activation = root.path("hidden_act").asText("silu");
        if (!activation.equals("silu")) {
            throw unsupported("its activation is '" + activation + "', and only silu is known");
        }
        int hidden = required("hidden_size");
        int heads = required("num_attention_heads");
        boolean attentionBias = root.path("attention_bias").asBoolean(false);
        return new ModelConfig(
                architecture,
                required("vocab_size"),
                hidden,
                required("intermediate_size"),
                required("num_hidden_layers"),
                heads,
                root.path("num_key_value_heads").asInt(heads),
                root.path("head_dim").asInt(heads > 0 ? hidden / heads : 0),
                root.path("rms_norm_eps").asDouble(1e-6),
                theta(),
                scaling(),
                root.path("max_position_embeddings").asInt(qwen2 ? 32_768 : 2_048),
                qwen2 || attentionBias,
                !qwen2 && attentionBias,
                root.path("mlp_bias").asBoolean(false),
                root.path("tie_word_embeddings").asBoolean(false));
    }

    private double theta() {
        return root.path("rope_theta")
                .asDouble(ropeParameters()
                        .map(node -> node.path("rope_theta").asDouble(DEFAULT_THETA))
                        .orElse(DEFAULT_THETA));
    }

    private RopeScaling scaling() {
        Optional<JsonNode> parameters = ropeParameters();
        if (parameters.isEmpty()) {
            return new RopeScaling.None();
        }
        JsonNode node = parameters.get();
        String type = node.path("rope_type").asText(node.path("type").asText("default"));
        return switch (type) {
            case "default" -> new RopeScaling.None();
            case "llama3" ->
                new RopeScaling.Llama3(
                        node.path("factor").asDouble(),
                        node.path("low_freq_factor").asDouble(),
                        node.path("high_freq_factor").asDouble(),
                        node.path("original_max_position_embeddings").asDouble());
            default -> throw unsupported("its rope_scaling is '" + type + "', and only llama3 is known");
        };
    }

    /// `rope_scaling` of transformers 4, `rope_parameters` of 5.
    private Optional<JsonNode> ropeParameters() {
        JsonNode scaling = root.path("rope_scaling");
        JsonNode node = scaling.isObject() ? scaling : root.path("rope_parameters");
        return node.isObject() ? Optional.of(node) : Optional.empty();
    }

    private int required(String name) {
        JsonNode value = root.path(name);
        if (!value.isInt()) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value.asInt();
    }

    private static ProductException unsupported(String reason) {
        return ProductException.of(ErrorCode.UNSUPPORTED_MODEL, "This model cannot be used: " + reason + ".");
    }
}
