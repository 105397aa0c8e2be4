package io.lorica.llm.model;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// What the architectures that Lorica knows do when their `config.json` does not say otherwise. All of them are one
/// decoder with different data.
enum ModelFamily {
    LLAMA("LlamaForCausalLM", 2_048, Biases.AS_CONFIGURED, false),
    QWEN2("Qwen2ForCausalLM", 32_768, Biases.INPUT, false),
    QWEN3("Qwen3ForCausalLM", 32_768, Biases.AS_CONFIGURED, true),
    MISTRAL("MistralForCausalLM", 131_072, Biases.NONE, false);

    /// Which projections of attention and feed-forward have a bias.
    enum Biases {
        AS_CONFIGURED,
        INPUT,
        NONE
    }

    private final String architecture;
    private final int contextLength;
    private final Biases biases;
    private final boolean headNorms;

    ModelFamily(String architecture, int contextLength, Biases biases, boolean headNorms) {
        this.architecture = architecture;
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
