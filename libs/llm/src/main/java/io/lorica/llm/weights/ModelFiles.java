package io.lorica.llm.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.gguf.GgufNames;

/// Where a model comes from. Whatever it is, it is asked for the files of Hugging Face's layout by their
/// names, and for weights under their names in that layout.
public sealed interface ModelFiles permits ModelDirectory, GgufModel {

    /// The file that says how the model is built.
    String CONFIG = "config.json";
    /// The file that says how answers are drawn and where they end.
    String GENERATION_CONFIG = "generation_config.json";
    /// What belongs to the tokenizer, where it exists.
    List<String> TOKENIZER_FILES = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "chat_template.jinja");

    /// The model at a path: a directory in Hugging Face's layout, a `.gguf` file, or a directory with
    /// exactly one `.gguf` file and neither safetensors nor a `tokenizer.json`.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when a directory holds several GGUF files
    static ModelFiles at(Path path) {
        if (GgufModel.isGguf(path)) {
            return new GgufModel(path);
        }
        ModelDirectory directory = new ModelDirectory(path);
        return directory.inLayout()
                ? directory
                : ggufIn(path).<ModelFiles>map(GgufModel::new).orElse(directory);
    }

    /// The file or directory.
    Path path();

    /// The content of a small file by its name in Hugging Face's layout, empty where the model has none.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when it cannot be made or read
    Optional<byte[]> read(String name);

    /// Maps the weights and checks their headers. The caller closes them.
    ModelWeightFiles openWeights();

    /// The tree of `config.json`.
    default JsonNode config() {
        return tree(CONFIG);
    }

    /// The tree of `generation_config.json`, an empty one where there is no such file.
    default JsonNode generationConfig() {
        return read(GENERATION_CONFIG).isPresent() ? tree(GENERATION_CONFIG) : new ObjectMapper().createObjectNode();
    }

    /// The tree of a JSON file that the model must have.
    default JsonNode tree(String name) {
        byte[] content = read(name).orElseThrow(() -> unusable("its " + name + " cannot be read"));
        try {
            return new ObjectMapper().readTree(content);
        } catch (IOException e) {
            throw unusable("its " + name + " is not valid JSON");
        }
    }

    /// Writes the tokenizer's files into a directory.
    default void copyTokenizer(Path target) {
        TOKENIZER_FILES.forEach(file -> copy(file, target));
    }

    /// Writes the tokenizer and the settings of generation into a directory.
    default void copyTokenizerAndGeneration(Path target) {
        copyTokenizer(target);
        copy(GENERATION_CONFIG, target);
    }

    /// What is said about a model that cannot be used.
    default ProductException unusable(String reason) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL,
                "The model in " + path().getFileName() + " cannot be used: " + reason + ".");
    }

    private void copy(String file, Path target) {
        read(file).ifPresent(content -> {
            try {
                Files.write(target.resolve(file), content);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot write " + target.resolve(file), e);
            }
        });
    }

    private static Optional<Path> ggufIn(Path directory) {
        if (!Files.isDirectory(directory)) {
            return Optional.empty();
        }
        try (Stream<Path> content = Files.list(directory)) {
            List<String> names = content.filter(GgufModel::isGguf)
                    .map(file -> file.getFileName().toString())
                    .toList();
            return GgufNames.only(directory.toString(), names).map(directory::resolve);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot list " + directory, e);
        }
    }
}
