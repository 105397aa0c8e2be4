package io.lorica.llm.model;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// What the architectures that Lorica knows do when their `config.json` does not say otherwise. All of them are one
/// decoder with different data.
enum ModelFamily {
    LLAMA("LlamaForCausalLM", "llama", 2_048, Biases.AS_CONFIGURED, false),
    QWEN2("Qwen2ForCausalLM", "qwen2", 32_768, Biases.INPUT, false),
    QWEN3("Qwen3ForCausalLM", "qwen3", 32_768, Biases.AS_CONFIGURED, true),
    MISTRAL("MistralForCausalLM", "mistral", 131_072, Biases.NONE, false);

    /// Which projections of attention and feed-forward have a bias.
    enum Biases {
        AS_CONFIGURED,
        INPUT,
        NONE
    }

    private final String architecture;
    private final String modelType;
    private final int contextLength;
    private final Biases biases;
    private final boolean headNorms;

    ModelFamily(String architecture, String modelType, int contextLength, Biases biases, boolean headNorms) {
        this.architecture = architecture;
        this.modelType = modelType;
        this.contextLength = contextLength;
        this.biases = biases;
        this.headNorms = headNorms;
    }

    /// The family of that architecture's name.
    static Optional<ModelFamily> of(String architecture) {
        return Arrays.stream(values())
                .filter(family -> family.architecture.equals(architecture))
                .findFirst();
    }

    /// The names of all architectures, for messages.
    static String architectures() {
        return Arrays.stream(values()).map(ModelFamily::architecture).collect(Collectors.joining(", "));
    }

    String architecture() {
        return architecture;
    }

    /// The name in `model_type`.
    String modelType() {
        return modelType;
    }

    /// Key and value heads where `num_key_value_heads` is absent.
    ///
    /// @param heads query heads
    int keyValueHeads(int heads) {
        return switch (this) {
            case LLAMA -> heads;
            case QWEN2, QWEN3 -> 32;
            case MISTRAL -> 8;
        };
    }

    int contextLength() {
        return contextLength;
    }

    Biases biases() {
        return biases;
    }

    /// Whether queries and keys are normalised head by head.
    boolean headNorms() {
        return headNorms;
    }
}
