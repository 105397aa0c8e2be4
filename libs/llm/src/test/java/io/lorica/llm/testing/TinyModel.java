package io.lorica.llm.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.weights.SafetensorsWriter;
import io.lorica.llm.weights.TensorSource;

/// A small random model in Hugging Face layout with a tokenizer of single bytes.
///
/// @param architecture `Qwen2ForCausalLM` or `LlamaForCausalLM`
/// @param hidden elements of a hidden state
/// @param layers how many layers
/// @param heads query heads
/// @param keyValueHeads key and value heads
/// @param tied whether the head is the embedding
/// @param llama3Rope whether frequencies are stretched as in Llama 3
public record TinyModel(
        String architecture, int hidden, int layers, int heads, int keyValueHeads, boolean tied, boolean llama3Rope) {

    public static final String EOS = "<|endoftext|>";
    public static final int VOCABULARY = 512;

    private static final ObjectMapper JSON = new ObjectMapper();

    public static TinyModel qwen2() {
        return new TinyModel("Qwen2ForCausalLM", 32, 2, 4, 2, true, false);
    }

    public static TinyModel llama() {
        return new TinyModel("LlamaForCausalLM", 32, 2, 4, 2, false, true);
    }

    public Path write(Path directory) throws IOException {
        return write(directory, ElementType.F32);
    }

    /// Writes it with its weights rounded to a type.
    public Path write(Path directory, ElementType stored) throws IOException {
        Files.createDirectories(directory);
        JSON.writeValue(directory.resolve("config.json").toFile(), config());
        SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors(), stored, Map.of("format", "pt"));
        JSON.writeValue(directory.resolve("tokenizer.json").toFile(), tokenizer());
        JSON.writeValue(
                directory.resolve("tokenizer_config.json").toFile(),
                Map.of("eos_token", EOS, "tokenizer_class", "PreTrainedTokenizerFast"));
        return directory;
    }

    private int intermediate() {
        return hidden * 3;
    }

    private boolean isQwen2() {
        return architecture.startsWith("Qwen2");
    }

    private ObjectNode config() {
        ObjectNode config = JSON.createObjectNode();
        config.putArray("architectures").add(architecture);
        config.put("model_type", isQwen2() ? "qwen2" : "llama");
        config.put("vocab_size", VOCABULARY);
        config.put("hidden_size", hidden);
        config.put("intermediate_size", intermediate());
        config.put("num_hidden_layers", layers);
        config.put("num_attention_heads", heads);
        config.put("num_key_value_heads", keyValueHeads);
        config.put("rms_norm_eps", 1e-6);
        config.put("rope_theta", 10_000.0);
        config.put("max_position_embeddings", 1024);
        config.put("tie_word_embeddings", tied);
        config.put("hidden_act", "silu");
        if (llama3Rope) {
            config.putObject("rope_scaling")
                    .put("rope_type", "llama3")
                    .put("factor", 8.0)
                    .put("low_freq_factor", 1.0)
                    .put("high_freq_factor", 4.0)
                    .put("original_max_position_embeddings", 64);
        }
        return config;
    }

    private List<TensorSource> tensors() {
        Random random = new Random(7);
        List<TensorSource> tensors = new ArrayList<>();
        tensors.add(normal(random, "model.embed_tokens.weight", 0.5, VOCABULARY, hidden));
        int keyWidth = hidden / heads * keyValueHeads;
        for (int layer = 0; layer < layers; layer++) {
            String prefix = "model.layers." + layer + ".";
            tensors.add(normal(random, prefix + "input_layernorm.weight", 1, hidden));
            tensors.add(normal(random, prefix + "post_attention_layernorm.weight", 1, hidden));
            linear(tensors, random, prefix + "self_attn.q_proj", hidden, hidden, isQwen2());
            linear(tensors, random, prefix + "self_attn.k_proj", keyWidth, hidden, isQwen2());
            linear(tensors, random, prefix + "self_attn.v_proj", keyWidth, hidden, isQwen2());
            linear(tensors, random, prefix + "self_attn.o_proj", hidden, hidden, false);
            linear(tensors, random, prefix + "mlp.gate_proj", intermediate(), hidden, false);
            linear(tensors, random, prefix + "mlp.up_proj", intermediate(), hidden, false);
            linear(tensors, random, prefix + "mlp.down_proj", hidden, intermediate(), false);
        }
        tensors.add(normal(random, "model.norm.weight", 1, hidden));
        if (!tied) {
            tensors.add(normal(random, "lm_head.weight", 0.5, VOCABULARY, hidden));
        }
        return tensors;
    }

    private static void linear(
            List<TensorSource> tensors, Random random, String name, int outputs, int inputs, boolean bias) {
        tensors.add(normal(random, name + ".weight", 1 / Math.sqrt(inputs), outputs, inputs));
        if (bias) {
            tensors.add(normal(random, name + ".bias", 0.1, outputs));
        }
    }

    private static TensorSource normal(Random random, String name, double deviation, long... shape) {
        int size = 1;
        for (long dimension : shape) {
            size *= (int) dimension;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        return new TensorSource(name, shape, scope -> scope.floats(values, shape));
    }

    /// Byte-level BPE without merges: each byte is a token, and the end of sequence is one more.
    private static ObjectNode tokenizer() {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0");
        ObjectNode marker = root.putArray("added_tokens").addObject();
        marker.put("id", 256).put("content", EOS).put("special", true).put("normalized", false);
        marker.put("single_word", false).put("lstrip", false).put("rstrip", false);
        byteLevel(root.putObject("pre_tokenizer"));
        byteLevel(root.putObject("decoder"));
        ObjectNode model = root.putObject("model");
        model.put("type", "BPE");
        ObjectNode vocabulary = model.putObject("vocab");
        int unprintable = 256;
        for (int value = 0; value < 256; value++) {
            boolean printable = (value >= 33 && value <= 126) || (value >= 161 && value <= 172) || (value >= 174);
            vocabulary.put(Character.toString(printable ? value : unprintable++), value);
        }
        model.putArray("merges");
        return root;
    }

    private static void byteLevel(ObjectNode node) {
        node.put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", true);
    }
}
