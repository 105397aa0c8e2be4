package io.lorica.llm.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.layout.StoredQuantization;

/// A model in Hugging Face layout: `config.json`, one safetensors file or shards with an index, tokenizer
/// files.
///
/// @param path the directory
public record ModelDirectory(Path path) implements ModelFiles {

    /// The file of a model that fits into one.
    public static final String SINGLE_FILE = "model.safetensors";
    /// The file that says which shard holds which tensor.
    public static final String INDEX = "model.safetensors.index.json";

    private static final String TOKENIZER = "tokenizer.json";
    private static final String TIED = "tie_word_embeddings";

    @Override
    public Optional<byte[]> read(String name) {
        Path file = path.resolve(name);
        try {
            return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        } catch (IOException e) {
            throw unusable("its " + name + " cannot be read");
        }
    }

    @Override
    public ModelWeightFiles openWeights() {
        StoredQuantization form =
                read(CONFIG).isPresent() ? StoredQuantization.of(tree(CONFIG)) : new StoredQuantization.None();
        return QuantizedTensors.of(openFiles(), form);
    }

    /// The tree of `config.json`. Where it ties the head to the embedding, but the weights hold a head that differs,
    /// they
    /// are not tied, as in transformers 5.
    @Override
    public JsonNode config() {
        JsonNode config = tree(CONFIG);
        if (!config.path(TIED).asBoolean(false) || !hasWeights() || !headDiffers()) {
            return config;
        }
        return ((ObjectNode) config).put(TIED, false);
    }

    private boolean hasWeights() {
        return Stream.of(INDEX, SINGLE_FILE).anyMatch(file -> Files.exists(path.resolve(file)));
    }

    private boolean headDiffers() {
        try (ModelWeightFiles files = openFiles()) {
            return files.tensor("lm_head.weight")
                    .map(head -> !files.tensor("model.embed_tokens.weight")
                            .map(embedding -> same((MappedTensor) head, (MappedTensor) embedding))
                            .orElse(true))
                    .orElse(false);
        }
    }

    private static boolean same(MappedTensor head, MappedTensor embedding) {
        return head.type() == embedding.type() && head.memory().mismatch(embedding.memory()) < 0;
    }

    private ModelWeightFiles openFiles() {
        if (Files.exists(path.resolve(INDEX))) {
            return SafetensorsShards.open(path, shards());
        }
        if (Files.exists(path.resolve(SINGLE_FILE))) {
            return SafetensorsShards.open(path, List.of(SINGLE_FILE));
        }
        throw unusable("it has neither " + SINGLE_FILE + " nor " + INDEX);
    }

    /// Whether it has weights or a tokenizer of its own, whatever else lies there.
    boolean inLayout() {
        return Stream.of(INDEX, SINGLE_FILE, TOKENIZER).anyMatch(file -> Files.exists(path.resolve(file)));
    }

    private List<String> shards() {
        JsonNode map = tree(INDEX).path("weight_map");
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
}
