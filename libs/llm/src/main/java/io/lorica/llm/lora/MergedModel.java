package io.lorica.llm.lora;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.weights.ModelDirectory;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.SafetensorsWriter;
import io.lorica.llm.weights.TensorSource;

/// Base and adapter as one model in Hugging Face layout, in 16 bits: [MergedTensors], each rounded once.
public final class MergedModel {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final MergedTensors merged;
    private final ElementType type;

    /// @param type of the numbers in its files, bfloat16 or float16
    public MergedModel(MergedTensors merged, ElementType type) {
        this.merged = merged;
        this.type = type;
    }

    /// Writes weights, configuration and tokenizer.
    ///
    /// @param source where the base model comes from
    /// @param shardBytes how large a weights file may grow; a single larger tensor gets its own
    public void write(Path target, ModelFiles source, long shardBytes) {
        try {
            Files.createDirectories(target);
            writeWeights(target, shards(shardBytes));
            ObjectNode config = source.config().deepCopy();
            config.put("torch_dtype", type.torchName());
            config.remove(List.of("dtype", "quantization_config", "compression_config"));
            config.put("tie_word_embeddings", merged.tied());
            writeJson(target.resolve(ModelFiles.CONFIG), config);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the merged model to " + target, e);
        }
        source.copyTokenizerAndGeneration(target);
    }

    private void writeWeights(Path target, List<List<TensorSource>> shards) throws IOException {
        if (shards.size() == 1) {
            write(target.resolve(ModelDirectory.SINGLE_FILE), shards.getFirst());
            return;
        }
        ObjectNode index = JSON.createObjectNode();
        long bytes =
                shards.stream().flatMap(List::stream).mapToLong(this::bytes).sum();
        index.putObject("metadata").put("total_size", bytes);
        ObjectNode weightMap = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String file = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            write(target.resolve(file), shards.get(i));
            shards.get(i).forEach(tensor -> weightMap.put(tensor.name(), file));
        }
        writeJson(target.resolve(ModelDirectory.INDEX), index);
    }

    private List<List<TensorSource>> shards(long shardBytes) {
        List<List<TensorSource>> shards = new ArrayList<>();
        List<TensorSource> shard = new ArrayList<>();
        long size = 0;
        for (TensorSource tensor : merged.all()) {
            if (!shard.isEmpty() && size + bytes(tensor) > shardBytes) {
                shards.add(shard);
                shard = new ArrayList<>();
                size = 0;
            }
            shard.add(tensor);
            size += bytes(tensor);
        }
        shards.add(shard);
        return shards;
    }

    private long bytes(TensorSource tensor) {
        return tensor.size() * type.bytes();
    }

    private void write(Path file, List<TensorSource> tensors) {
        List<TensorSource> checked = type == ElementType.F16
                ? tensors.stream().map(MergedModel::withinFloat16).toList()
                : tensors;
        SafetensorsWriter.write(file, checked, type, Map.of("format", "pt"));
    }

    private static TensorSource withinFloat16(TensorSource tensor) {
        return tensor.mapped(values -> {
            try (Tensor rounded = values.to(ElementType.F16)) {
                if (!rounded.allFinite()) {
                    throw ProductException.of(
                            ErrorCode.MERGE_PROOF_FAILED,
                            "The merged tensor " + tensor.name() + " has values beyond float16, which ends at 65504. "
                                    + "Train with compute_type bfloat16 to export bfloat16; the adapter is not affected.");
                }
            }
            return values;
        });
    }

    private static void writeJson(Path file, ObjectNode tree) throws IOException {
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree));
    }
}
