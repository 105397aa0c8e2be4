package io.lorica.llm.weights;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.llm.gguf.GgufConfig;
import io.lorica.llm.gguf.GgufFile;
import io.lorica.llm.gguf.GgufTokenizer;

/// A model in one GGUF file: configuration and tokenizer are made from its metadata, weights dequantised
/// while they are loaded.
///
/// @param path the file
public record GgufModel(Path path) implements ModelFiles {

    private static final String ENDING = ".gguf";

    @Override
    public Optional<byte[]> read(String name) {
        return switch (name) {
            case CONFIG -> Optional.of(made(GgufConfig::model));
            case GENERATION_CONFIG -> Optional.of(made(GgufConfig::generation));
            case "tokenizer.json" -> Optional.of(made(GgufTokenizer::tokenizer));
            case "tokenizer_config.json" -> Optional.of(made(GgufTokenizer::config));
            default -> Optional.empty();
        };
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // handed on to the caller
    public ModelWeightFiles openWeights() {
        return GgufWeights.of(GgufFile.open(path));
    }

    /// Whether a path is a file that calls itself GGUF.
    static boolean isGguf(Path path) {
        return String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT).endsWith(ENDING)
                && Files.isRegularFile(path);
    }

    private byte[] made(Function<GgufFile, JsonNode> maker) {
        try (GgufFile file = GgufFile.open(path)) {
            return maker.apply(file).toString().getBytes(StandardCharsets.UTF_8);
        }
    }
}
