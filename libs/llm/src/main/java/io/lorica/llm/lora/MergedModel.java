package io.lorica.llm.lora;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelWeights;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.model.WholeTensors;
import io.lorica.llm.projection.Dense;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.weights.ModelDirectory;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.ModelWeightFiles;
import io.lorica.llm.weights.SafetensorsWriter;
import io.lorica.llm.weights.StoredTensor;
import io.lorica.llm.weights.TensorSource;

/// Base and adapter as one model in Hugging Face layout, in 16 bits: W + scale · B · A for each adapted projection, its
/// rows brought to the learned lengths where it has some, computed in float32 and rounded once.
public final class MergedModel {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final CausalLm base;
    private final ModelWeights weights;
    private final ElementType type;
    private final Map<ProjectionSite, LoraPair> pairs = new HashMap<>();

    /// @param type of the numbers in its files, bfloat16 or float16
    public MergedModel(CausalLm base, AdapterParameters adapter, ElementType type) {
        this.base = base;
        this.weights = WholeTensors.replace(base.weights(), adapter.whole());
        this.type = type;
        adapter.pairs().forEach(pair -> pairs.put(pair.site(), pair));
    }

    /// Writes weights, configuration and tokenizer.
    ///
    /// @param source where the base model comes from
    /// @param shardBytes how large a weights file may grow; a single larger tensor gets its own
    public void write(Path target, ModelFiles source, long shardBytes) {
        try (ModelWeightFiles files = source.openWeights()) {
            Files.createDirectories(target);
            writeWeights(target, shards(files, shardBytes));
            ObjectNode config = source.config().deepCopy();
            config.put("torch_dtype", type.torchName());
            config.remove("dtype");
            config.put("tie_word_embeddings", tied());
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

    private List<List<TensorSource>> shards(ModelWeightFiles files, long shardBytes) {
        List<List<TensorSource>> shards = new ArrayList<>();
        List<TensorSource> shard = new ArrayList<>();
        long size = 0;
        for (TensorSource tensor : tensors(files)) {
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

    private List<TensorSource> tensors(ModelWeightFiles files) {
        List<TensorSource> tensors = new ArrayList<>();
        SequencedMap<String, Tensor> whole = WholeTensors.of(weights);
        for (String name : WholeTensors.shapes(base.config()).keySet()) {
            if (!tied() || !name.equals(WholeTensors.HEAD)) {
                Tensor tensor = whole.get(name);
                tensors.add(tensor == null ? inFull(files, name) : TensorSource.of(name, tensor));
            }
        }
        for (int layer = 0; layer < weights.layers().size(); layer++) {
            for (ProjectionKind kind : ProjectionKind.values()) {
                tensors.add(merged(
                        new ProjectionSite(layer, kind),
                        weights.layers().get(layer).projection(kind)));
            }
        }
        return tensors;
    }

    /// Embedding and head that are kept in few bits are written as they were before: nothing was merged into them.
    private TensorSource inFull(ModelWeightFiles files, String name) {
        boolean shared = base.config().tiedEmbeddings();
        StoredTensor stored =
                files.tensor(shared ? WholeTensors.EMBEDDING : name).orElseThrow();
        return new TensorSource(name, stored.shape(), scope -> {
            Tensor full = scope.empty(stored.type(), TensorDevice.cpu(), stored.shape());
            stored.loadInto(full);
            return full;
        });
    }

    private TensorSource merged(ProjectionSite site, Dense dense) {
        LoraPair pair = pairs.get(site);
        return new TensorSource(
                site.path() + ".weight",
                new long[] {dense.outputs(), dense.inputs()},
                scope -> pair == null ? dense.weight().values(scope) : pair.wholeWeight(scope, dense));
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
        return new TensorSource(tensor.name(), tensor.shape(), scope -> {
            Tensor values = tensor.values().apply(scope);
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

    /// Whether the head is the embedding; not any more where the adapter brought one of both.
    private boolean tied() {
        return base.config().tiedEmbeddings() && weights.head().equals(weights.embedding());
    }

    private static void writeJson(Path file, ObjectNode tree) throws IOException {
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree));
    }
}
