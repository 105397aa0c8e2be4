package io.lorica.llm.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.TreeSet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// A model in Hugging Face layout: `config.json`, one safetensors file or shards with an index, tokenizer files.
///
/// @param path the directory
public record ModelDirectory(Path path) {

    /// The file that says how the model is built.
    public static final String CONFIG = "config.json";
    /// The file of a model that fits into one.
    public static final String SINGLE_FILE = "model.safetensors";
    /// The file that says which shard holds which tensor.
    public static final String INDEX = "model.safetensors.index.json";
    /// What belongs to the tokenizer, where it exists.
    public static final List<String> TOKENIZER_FILES = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "vocab.json",
            "merges.txt",
            "chat_template.jinja");

    private static final String GENERATION_CONFIG = "generation_config.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /// The tree of `config.json`.
    public JsonNode config() {
        return json(CONFIG);
    }

    /// The tree of `generation_config.json`, an empty one where there is no such file.
    public JsonNode generationConfig() {
        return Files.exists(path.resolve(GENERATION_CONFIG)) ? json(GENERATION_CONFIG) : JSON.createObjectNode();
    }

    /// Maps the weights and checks their headers. The caller closes them.
    public ModelWeightFiles openWeights() {
        if (Files.exists(path.resolve(INDEX))) {
            return ModelWeightFiles.open(path, shards());
        }
        if (Files.exists(path.resolve(SINGLE_FILE))) {
            return ModelWeightFiles.open(path, List.of(SINGLE_FILE));
        }
        throw unusable("it has neither " + SINGLE_FILE + " nor " + INDEX);
    }

    /// Copies the tokenizer's files into another directory.
    public void copyTokenizer(Path target) {
        TOKENIZER_FILES.forEach(file -> copy(file, target));
    }

    /// Copies the tokenizer and the settings of generation into another directory.
    public void copyTokenizerAndGeneration(Path target) {
        copyTokenizer(target);
        copy(GENERATION_CONFIG, target);
    }

    private List<String> shards() {
        JsonNode map = json(INDEX).path("weight_map");
        TreeSet<String> files = new TreeSet<>();
        for (JsonNode file : map) {
            String name = file.asText();
            if (name.isEmpty() || name.contains("/") || name.contains("\\") || name.contains("..")) {
                throw unusable("its index names the file '" + name + "', which is not a plain file name");
            }
            files.add(name);
        }
        if (files.isEmpty()) {
            throw unusable("its index " + INDEX + " names no files");
        }
        return List.copyOf(files);
    }

    private JsonNode json(String file) {
        try {
            return JSON.readTree(Files.readString(path.resolve(file)));
        } catch (JsonProcessingException e) {
            throw unusable("its " + file + " is not valid JSON");
        } catch (IOException e) {
            throw unusable("its " + file + " cannot be read");
        }
    }

    private void copy(String file, Path target) {
        Path source = path.resolve(file);
        if (!Files.exists(source)) {
            return;
        }
        try {
            Files.copy(source, target.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot copy " + source, e);
        }
    }

    private ProductException unusable(String reason) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL, "The model in " + path.getFileName() + " cannot be used: " + reason + ".");
    }
}
