package io.lorica.models;

import java.util.Set;

/// Which files of a repository belong to a model in Hugging Face layout.
final class ModelFiles {

    private static final Set<String> SMALL = Set.of(
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "chat_template.jinja",
            "model.safetensors.index.json");

    private ModelFiles() {}

    /// Whether the model needs the file. Pickled weights are never taken: they can run code.
    static boolean needed(String name) {
        return SMALL.contains(name) || weights(name);
    }

    /// Whether the file holds the model's weights. Some repositories keep the same weights once more in their author's
    /// own form, or adapters, or other formats in folders.
    static boolean weights(String name) {
        return name.endsWith(".safetensors")
                && !name.contains("/")
                && !name.startsWith("consolidated")
                && !name.startsWith("adapter_");
    }
}
