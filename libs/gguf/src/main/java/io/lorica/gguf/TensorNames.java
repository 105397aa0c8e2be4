package io.lorica.gguf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The names of one tensor in Hugging Face's layout and in GGUF.
public final class TensorNames {

    static final String EMBEDDING = "token_embd.weight";
    static final String HEAD = "output.weight";
    /// Divisors of the rotary frequencies, where a model has its own.
    public static final String ROPE_FACTORS = "rope_freqs.weight";

    private static final Pattern GGUF_LAYER = Pattern.compile("blk\\.(\\d{1,9})\\.(\\w+)\\.(weight|bias)");
    private static final Pattern LAYER = Pattern.compile("model\\.layers\\.(\\d{1,9})\\.([\\w.]+)\\.(weight|bias)");
    private static final Set<String> ROTATED = Set.of("self_attn.q_proj", "self_attn.k_proj");
    private static final Map<String, String> OUTER = Map.of(
            EMBEDDING, "model.embed_tokens.weight", "output_norm.weight", "model.norm.weight", HEAD, "lm_head.weight");
    private static final Map<String, String> OUTER_BACK = inverse(OUTER);
    private static final Map<String, String> INNER = inner();
    private static final Map<String, String> INNER_BACK = inverse(INNER);

    private TensorNames() {}

    /// Hugging Face's name of a tensor; one that is not known keeps its own, to be reported by it.
    public static String huggingFace(String gguf) {
        Matcher layer = GGUF_LAYER.matcher(gguf);
        if (layer.matches() && INNER.containsKey(layer.group(2))) {
            return "model.layers." + Integer.parseInt(layer.group(1)) + "." + INNER.get(layer.group(2)) + "."
                    + layer.group(3);
        }
        return OUTER.getOrDefault(gguf, gguf);
    }

    /// GGUF's name of a tensor of a model, if it has one.
    public static Optional<String> gguf(String huggingFace) {
        Matcher layer = LAYER.matcher(huggingFace);
        if (layer.matches()) {
            return Optional.ofNullable(INNER_BACK.get(layer.group(2)))
                    .map(part -> "blk." + layer.group(1) + "." + part + "." + layer.group(3));
        }
        return Optional.ofNullable(OUTER_BACK.get(huggingFace));
    }

    /// Whether a tensor's rows are turned by rotary embedding: queries and keys and their biases.
    public static boolean rotated(String huggingFace) {
        Matcher layer = LAYER.matcher(huggingFace);
        return layer.matches() && ROTATED.contains(layer.group(2));
    }

    private static Map<String, String> inner() {
        Map<String, String> names = new LinkedHashMap<>();
        names.put("attn_norm", "input_layernorm");
        names.put("attn_q", "self_attn.q_proj");
        names.put("attn_k", "self_attn.k_proj");
        names.put("attn_v", "self_attn.v_proj");
        names.put("attn_output", "self_attn.o_proj");
        names.put("attn_q_norm", "self_attn.q_norm");
        names.put("attn_k_norm", "self_attn.k_norm");
        names.put("ffn_norm", "post_attention_layernorm");
        names.put("ffn_gate", "mlp.gate_proj");
        names.put("ffn_up", "mlp.up_proj");
        names.put("ffn_down", "mlp.down_proj");
        return Map.copyOf(names);
    }

    private static Map<String, String> inverse(Map<String, String> names) {
        return names.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getValue, Map.Entry::getKey));
    }
}
