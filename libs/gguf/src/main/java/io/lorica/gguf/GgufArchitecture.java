package io.lorica.gguf;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// The architectures of GGUF files that Lorica knows, and what transformers calls them.
public enum GgufArchitecture {
    LLAMA("llama", "LlamaForCausalLM", "llama", true),
    QWEN2("qwen2", "Qwen2ForCausalLM", "qwen2", false),
    QWEN3("qwen3", "Qwen3ForCausalLM", "qwen3", false);

    static final String KEY = "general.architecture";

    private final String label;
    private final String className;
    private final String modelType;
    private final boolean permuted;

    GgufArchitecture(String label, String className, String modelType, boolean permuted) {
        this.label = label;
        this.className = className;
        this.modelType = modelType;
        this.permuted = permuted;
    }

    /// The name in files, which is also the first part of its keys.
    public String label() {
        return label;
    }

    /// The class in `config.json`.
    public String className() {
        return className;
    }

    /// The type in `config.json`.
    public String modelType() {
        return modelType;
    }

    /// Whether llama.cpp stores the rows of queries and keys so that the two elements of a rotated pair are
    /// neighbours.
    public boolean permuted() {
        return permuted;
    }

    /// The architecture of a file.
    public static GgufArchitecture of(GgufFile file) {
        String label = file.metadata().text(KEY).orElse("");
        return Arrays.stream(values())
                .filter(architecture -> architecture.label.equals(label))
                .findFirst()
                .orElseThrow(() -> GgufErrors.unusable(
                        file.name(), "its architecture is '" + label + "'; choose one of " + labels()));
    }

    /// The architecture that a model of that class is written as; Mistral's decoder is Llama's.
    public static Optional<GgufArchitecture> ofClass(String className) {
        if (className.equals("MistralForCausalLM")) {
            return Optional.of(LLAMA);
        }
        return Arrays.stream(values())
                .filter(architecture -> architecture.className.equals(className))
                .findFirst();
    }

    private static String labels() {
        return Arrays.stream(values()).map(GgufArchitecture::label).collect(Collectors.joining(", "));
    }
}
