package io.lorica.llm.lora;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.HeadNorms;
import io.lorica.llm.model.LayerWeights;
import io.lorica.llm.model.ModelWeights;
import io.lorica.llm.model.ProjectionKind;
import io.lorica.llm.model.ProjectionSite;
import io.lorica.llm.projection.Dense;
import io.lorica.llm.projection.DoraProjection;
import io.lorica.llm.projection.LoraProjection;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.weights.ModelDirectory;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.SafetensorsWriter;
import io.lorica.llm.weights.TensorSource;

/// Base and adapter as one model in Hugging Face layout, in bfloat16: W + scale · B · A for each adapted
/// projection, its rows brought to the learned lengths where it has some, computed in float32 and rounded
/// once.
public final class MergedModel {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ElementType TYPE = ElementType.BF16;

    private final CausalLm base;
    private final Map<ProjectionSite, LoraPair> pairs = new HashMap<>();

    public MergedModel(CausalLm base, AdapterParameters adapter) {
        this.base = base;
        adapter.pairs().forEach(pair -> pairs.put(pair.site(), pair));
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
            config.put("torch_dtype", TYPE.torchName());
            config.remove("dtype");
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
        long bytes = shards.stream()
                .flatMap(List::stream)
                .mapToLong(MergedModel::bytes)
                .sum();
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
        for (TensorSource tensor : tensors()) {
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

    private List<TensorSource> tensors() {
        ModelWeights weights = base.weights();
        List<TensorSource> tensors = new ArrayList<>();
        tensors.add(TensorSource.of("model.embed_tokens.weight", weights.embedding()));
        for (int layer = 0; layer < weights.layers().size(); layer++) {
            addLayer(tensors, layer, weights.layers().get(layer));
        }
        tensors.add(TensorSource.of("model.norm.weight", weights.norm()));
        if (!base.config().tiedEmbeddings()) {
            tensors.add(TensorSource.of("lm_head.weight", weights.head()));
        }
        return tensors;
    }

    private void addLayer(List<TensorSource> tensors, int layer, LayerWeights weights) {
        String prefix = "model.layers." + layer;
        tensors.add(TensorSource.of(prefix + ".input_layernorm.weight", weights.inputNorm()));
        tensors.add(TensorSource.of(prefix + ".post_attention_layernorm.weight", weights.innerNorm()));
        HeadNorms norms = weights.headNorms();
        if (norms != null) {
            tensors.add(TensorSource.of(prefix + ".self_attn.q_norm.weight", norms.query()));
            tensors.add(TensorSource.of(prefix + ".self_attn.k_norm.weight", norms.key()));
        }
        for (ProjectionKind kind : ProjectionKind.values()) {
            ProjectionSite site = new ProjectionSite(layer, kind);
            Dense dense = weights.projection(kind);
            tensors.add(merged(site, dense));
            Tensor bias = dense.bias();
            if (bias != null) {
                tensors.add(TensorSource.of(site.path() + ".bias", bias));
            }
        }
    }

    private TensorSource merged(ProjectionSite site, Dense dense) {
        LoraPair pair = pairs.get(site);
        String name = site.path() + ".weight";
        if (pair == null) {
            return new TensorSource(name, shape(dense), scope -> dense.weight().values(scope));
        }
        return new TensorSource(name, shape(dense), scope -> whole(scope, dense, pair));
    }

    private static long[] shape(Dense dense) {
        return new long[] {dense.outputs(), dense.inputs()};
    }

    private static Tensor whole(TensorScope scope, Dense dense, LoraPair pair) {
        LoraProjection lora = new LoraProjection(dense, pair.a(), pair.b(), pair.scale(), 0);
        Tensor magnitude = pair.magnitude();
        return magnitude == null ? lora.mergedWeight(scope) : new DoraProjection(lora, magnitude).mergedWeight(scope);
    }

    private static long bytes(TensorSource tensor) {
        return tensor.size() * TYPE.bytes();
    }

    private static void write(Path file, List<TensorSource> tensors) {
        SafetensorsWriter.write(file, tensors, TYPE, Map.of("format", "pt"));
    }

    private static void writeJson(Path file, ObjectNode tree) throws IOException {
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree));
    }
}
