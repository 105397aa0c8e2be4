package io.lorica.gguf;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalLong;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A file's metadata as the trees of `config.json` and `generation_config.json`.
public final class GgufConfig {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EOS = "tokenizer.ggml.eos_token_id";

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final GgufArchitecture architecture;

    private GgufConfig(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
        this.architecture = GgufArchitecture.of(file);
        checkWhole();
    }

    /// The tree of `config.json`.
    ///
    /// @throws io.lorica.contracts.error.ProductException when Lorica has no such model, or keys are
    ///     missing
    public static ObjectNode model(GgufFile file) {
        return new GgufConfig(file).model();
    }

    /// The tree of `generation_config.json`: the tokens that end an answer.
    public static ObjectNode generation(GgufFile file) {
        ObjectNode root = JSON.createObjectNode();
        var ends = root.putArray("eos_token_id");
        for (String key : new String[] {EOS, "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"}) {
            file.metadata().count(key).ifPresent(ends::add);
        }
        return root;
    }

    private ObjectNode model() {
        ObjectNode root = JSON.createObjectNode();
        root.putArray("architectures").add(architecture.className());
        root.put("model_type", architecture.modelType());
        root.put("hidden_act", "silu");
        root.put("vocab_size", embeddingRows());
        long hidden = required("embedding_length");
        long heads = required("attention.head_count");
        root.put("hidden_size", (int) hidden);
        root.put("intermediate_size", (int) required("feed_forward_length"));
        root.put("num_hidden_layers", (int) required("block_count"));
        root.put("num_attention_heads", (int) heads);
        root.put(
                "num_key_value_heads", (int) optional("attention.head_count_kv").orElse(heads));
        root.put("head_dim", headSize(hidden, heads));
        root.put("rms_norm_eps", number("attention.layer_norm_rms_epsilon"));
        root.put("max_position_embeddings", (int) required("context_length"));
        root.put("tie_word_embeddings", file.tensor(TensorNames.HEAD).isEmpty());
        root.put("torch_dtype", "bfloat16");
        if (architecture != GgufArchitecture.QWEN2) {
            root.put("attention_bias", file.tensor("blk.0.attn_q.bias").isPresent());
        }
        if (architecture == GgufArchitecture.LLAMA) {
            root.put("mlp_bias", file.tensor("blk.0.ffn_gate.bias").isPresent());
        }
        new GgufRope(file, architecture.label()).addTo(root);
        metadata.count("tokenizer.ggml.bos_token_id").ifPresent(id -> root.put("bos_token_id", (int) id));
        metadata.count(EOS).ifPresent(id -> root.put("eos_token_id", (int) id));
        return root;
    }

    private void checkWhole() {
        String kind = metadata.text("general.type").orElse("model");
        if (!kind.equals("model")) {
            throw GgufErrors.unusable(file.name(), "it is of the kind '" + kind + "' and no model");
        }
        if (metadata.whole("split.count").orElse(1) > 1) {
            throw GgufErrors.unusable(
                    file.name(), "it is one part of several; join them with llama.cpp's gguf-split --merge");
        }
        if (optional("expert_count").orElse(0) > 0) {
            throw GgufErrors.unusable(file.name(), "it is a mixture of experts, which is not known here");
        }
    }

    private int headSize(long hidden, long heads) {
        long size = optional("attention.key_length").orElse(heads == 0 ? 0 : hidden / heads);
        if (optional("attention.value_length").orElse(size) != size) {
            throw GgufErrors.unusable(file.name(), "its keys and values have heads of different sizes");
        }
        if (optional("rope.dimension_count").orElse(size) != size) {
            throw GgufErrors.unusable(file.name(), "it rotates only a part of each head");
        }
        return (int) size;
    }

    private int embeddingRows() {
        GgufTensor embedding = file.tensor(TensorNames.EMBEDDING)
                .orElseThrow(
                        () -> GgufErrors.damaged(file.name(), "its tensor " + TensorNames.EMBEDDING + " is missing"));
        long rows = embedding.shape().length == 2 ? embedding.shape()[0] : 0;
        if (rows < 1 || rows > Integer.MAX_VALUE) {
            throw GgufErrors.damaged(file.name(), "its tensor " + TensorNames.EMBEDDING + " is no table of tokens");
        }
        return (int) rows;
    }

    private OptionalLong optional(String key) {
        return metadata.count(architecture.label() + "." + key);
    }

    private long required(String key) {
        return optional(key).orElseThrow(() -> missing(key));
    }

    private double number(String key) {
        return metadata.number(architecture.label() + "." + key).orElseThrow(() -> missing(key));
    }

    private RuntimeException missing(String key) {
        return GgufErrors.damaged(file.name(), "its key " + architecture.label() + "." + key + " is missing");
    }

    /// The float32 values of a small tensor.
    static float[] values(GgufTensor tensor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_FLOAT, tensor.elements());
            tensor.decode(0, tensor.elements(), out, 0);
            return out.toArray(ValueLayout.JAVA_FLOAT);
        }
    }
}
