package io.lorica.models;

import java.util.List;
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

    /// The files that say what a model is.
    static final List<String> PROFILE = List.of("config.json", "tokenizer_config.json");

    private ModelFiles() {}

    /// Whether the model needs the file. Pickled weights are never taken: they can run code.
    static boolean needed(String name) {
        return SMALL.contains(name) || (weights(name) && !name.contains("/"));
    }

    /// Whether the file holds weights.
    static boolean weights(String name) {
        return name.endsWith(".safetensors");
    }
}
