package io.lorica.llm.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.weights.SafetensorsWriter;
import io.lorica.llm.weights.TensorSource;

/// A small random Qwen2 in Hugging Face layout. It knows nothing; what it says after fine-tuning it has learned from
/// the
/// adapter alone. The same text gives the same model on every machine.
public final class DemoModel {

    private static final int HIDDEN = 256;
    private static final int INTERMEDIATE = 704;
    private static final int LAYERS = 4;
    private static final int HEADS = 8;
    private static final int KEY_VALUE_HEADS = 2;
    private static final int MAX_POSITIONS = 2048;
    private static final int MERGES = 700;
    private static final int SHARDS = 2;
    private static final long SEED = 3407;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final DemoTokenizer tokenizer;
    private final SplittableRandom random = new SplittableRandom(SEED);

    private DemoModel(String text) {
        this.tokenizer = new DemoTokenizer(BytePairs.learn(text, MERGES));
    }

    /// Writes the model into a directory that does not exist yet. A run that is killed leaves nothing under that name.
    ///
    /// @param directory where the model is to be
    /// @param text what the tokenizer's merges are learned from
    public static void write(Path directory, String text) {
        Path target = directory.toAbsolutePath();
        Path temporary = target.resolveSibling(target.getFileName() + ".tmp-" + UUID.randomUUID());
        try {
            Files.createDirectories(temporary);
            new DemoModel(text).writeFiles(temporary);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            throw new UncheckedIOException(target + " is already there", e);
        } catch (IOException e) {
            throw new UncheckedIOException("the demo model cannot be written to " + target, e);
        } finally {
            remove(temporary);
        }
    }

    /// Writes the model; the arguments are the directory and the file whose text the merges are learned from.
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 2) {
            throw new IllegalArgumentException("usage: DemoModel DIRECTORY TEXT_FILE");
        }
        Path directory = Path.of(arguments[0]);
        if (!Files.exists(directory)) {
            write(directory, Files.readString(Path.of(arguments[1])));
        }
        System.out.println(directory.toAbsolutePath());
    }

    private void writeFiles(Path directory) throws IOException {
        json(directory.resolve("config.json"), config());
        json(directory.resolve("generation_config.json"), generationConfig());
        json(directory.resolve("tokenizer.json"), tokenizer.tokenizerJson());
        json(directory.resolve("tokenizer_config.json"), tokenizer.tokenizerConfig(MAX_POSITIONS));
        writeShards(directory);
    }

    private void writeShards(Path directory) throws IOException {
        List<TensorSource> tensors = tensors();
        ObjectNode index = JSON.createObjectNode();
        index.putObject("metadata")
                .put("total_size", tensors.stream().mapToLong(DemoModel::bytes).sum());
        ObjectNode map = index.putObject("weight_map");
        int perShard = (tensors.size() + SHARDS - 1) / SHARDS;
        for (int shard = 0; shard < SHARDS; shard++) {
            String name = "model-%05d-of-%05d.safetensors".formatted(shard + 1, SHARDS);
            List<TensorSource> part =
                    tensors.subList(shard * perShard, Math.min(tensors.size(), (shard + 1) * perShard));
            SafetensorsWriter.write(directory.resolve(name), part, ElementType.F32, Map.of("format", "pt"));
            part.forEach(tensor -> map.put(tensor.name(), name));
        }
        json(directory.resolve("model.safetensors.index.json"), index);
    }

    private ObjectNode config() {
        ObjectNode config = JSON.createObjectNode();
        config.putArray("architectures").add("Qwen2ForCausalLM");
        return config.put("model_type", "qwen2")
                .put("vocab_size", tokenizer.size())
                .put("hidden_size", HIDDEN)
                .put("intermediate_size", INTERMEDIATE)
                .put("num_hidden_layers", LAYERS)
                .put("num_attention_heads", HEADS)
                .put("num_key_value_heads", KEY_VALUE_HEADS)
                .put("max_position_embeddings", MAX_POSITIONS)
                .put("rms_norm_eps", 1e-6)
                .put("rope_theta", 10_000.0)
                .put("hidden_act", "silu")
                .put("attention_dropout", 0.0)
                .put("tie_word_embeddings", false)
                .put("use_cache", true)
                .put("torch_dtype", "float32")
                .put("bos_token_id", tokenizer.idOf(DemoTokenizer.BEGIN))
                .put("eos_token_id", tokenizer.idOf(DemoTokenizer.END));
    }

    private ObjectNode generationConfig() {
        return JSON.createObjectNode()
                .put("bos_token_id", tokenizer.idOf(DemoTokenizer.BEGIN))
                .put("eos_token_id", tokenizer.idOf(DemoTokenizer.END))
                .put("do_sample", true)
                .put("temperature", 0.6)
                .put("top_p", 0.95);
    }

    private List<TensorSource> tensors() {
        int keyWidth = HIDDEN / HEADS * KEY_VALUE_HEADS;
        List<TensorSource> tensors = new ArrayList<>();
        tensors.add(normal("model.embed_tokens.weight", 1, tokenizer.size(), HIDDEN));
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "model.layers." + layer + ".";
            tensors.add(ones(prefix + "input_layernorm.weight"));
            tensors.add(ones(prefix + "post_attention_layernorm.weight"));
            linear(tensors, prefix + "self_attn.q_proj", HIDDEN, HIDDEN, true);
            linear(tensors, prefix + "self_attn.k_proj", keyWidth, HIDDEN, true);
            linear(tensors, prefix + "self_attn.v_proj", keyWidth, HIDDEN, true);
            linear(tensors, prefix + "self_attn.o_proj", HIDDEN, HIDDEN, false);
            linear(tensors, prefix + "mlp.gate_proj", INTERMEDIATE, HIDDEN, false);
            linear(tensors, prefix + "mlp.up_proj", INTERMEDIATE, HIDDEN, false);
            linear(tensors, prefix + "mlp.down_proj", HIDDEN, INTERMEDIATE, false);
        }
        tensors.add(ones("model.norm.weight"));
        tensors.add(normal("lm_head.weight", 1 / Math.sqrt(HIDDEN), tokenizer.size(), HIDDEN));
        return tensors;
    }

    private void linear(List<TensorSource> tensors, String name, int outputs, int inputs, boolean bias) {
        tensors.add(normal(name + ".weight", 1 / Math.sqrt(inputs), outputs, inputs));
        if (bias) {
            tensors.add(normal(name + ".bias", 0.1, outputs));
        }
    }

    private TensorSource normal(String name, double deviation, long... shape) {
        float[] values = new float[Math.toIntExact(elements(shape))];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return new TensorSource(name, shape, scope -> scope.floats(values, shape));
    }

    private static TensorSource ones(String name) {
        float[] values = new float[HIDDEN];
        Arrays.fill(values, 1);
        return new TensorSource(name, new long[] {HIDDEN}, scope -> scope.floats(values, HIDDEN));
    }

    private static long bytes(TensorSource tensor) {
        return elements(tensor.shape()) * Float.BYTES;
    }

    private static long elements(long[] shape) {
        long elements = 1;
        for (long dimension : shape) {
            elements *= dimension;
        }
        return elements;
    }

    private static void json(Path file, ObjectNode content) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), content);
    }

    private static void remove(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> content = Files.walk(folder)) {
            for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
