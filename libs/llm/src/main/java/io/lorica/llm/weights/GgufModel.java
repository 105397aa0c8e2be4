package io.lorica.llm.weights;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import io.lorica.gguf.GgufFile;
import io.lorica.gguf.GgufLayout;
import io.lorica.gguf.GgufNames;

/// A model in one GGUF file: configuration and tokenizer are made from its metadata, weights dequantised
/// while they are loaded.
///
/// @param path the file
public record GgufModel(Path path) implements ModelFiles {

    @Override
    public Optional<byte[]> read(String name) {
        try (GgufFile file = GgufFile.open(path)) {
            return GgufLayout.read(file, name);
        }
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // handed on to the caller
    public ModelWeightFiles openWeights() {
        return GgufWeights.of(GgufFile.open(path));
    }

    /// Whether a path is a file that calls itself GGUF.
    static boolean isGguf(Path path) {
        return GgufNames.isGguf(String.valueOf(path.getFileName())) && Files.isRegularFile(path);
    }
}
