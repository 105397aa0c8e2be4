package io.lorica.gguf;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

/// A file as the small files of Hugging Face's layout.
public final class GgufLayout {

    private GgufLayout() {}

    /// The content of a file by its name in that layout, empty where GGUF has nothing of the kind.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `UNSUPPORTED_MODEL` when it cannot be made
    public static Optional<byte[]> read(GgufFile file, String name) {
        return tree(file, name).map(tree -> tree.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<JsonNode> tree(GgufFile file, String name) {
        return switch (name) {
            case "config.json" -> Optional.of(GgufConfig.model(file));
            case "generation_config.json" -> Optional.of(GgufConfig.generation(file));
            case "tokenizer.json" -> Optional.of(GgufTokenizer.tokenizer(file));
            case "tokenizer_config.json" -> Optional.of(GgufTokenizer.config(file));
            default -> Optional.empty();
        };
    }
}
