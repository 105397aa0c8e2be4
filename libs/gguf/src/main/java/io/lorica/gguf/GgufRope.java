package io.lorica.gguf;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// The rotary embedding of a file as `config.json` says it: `rope_theta` and `rope_scaling`.
///
/// @param file the file
/// @param prefix the first part of its keys
record GgufRope(GgufFile file, String prefix) {

    private static final double USUAL_THETA = 10_000;

    void addTo(ObjectNode config) {
        GgufMetadata metadata = file.metadata();
        config.put("rope_theta", metadata.number(prefix + ".rope.freq_base").orElse(USUAL_THETA));
        int context = config.path("max_position_embeddings").asInt();
        if (file.tensor(TensorNames.ROPE_FACTORS).isPresent()) {
            addFactors(
                    config.putObject("rope_scaling"),
                    context,
                    config.path("head_dim").asInt());
            return;
        }
        double factor = metadata.number(prefix + ".rope.scaling.factor")
                .orElse(metadata.number(prefix + ".rope.scale_linear").orElse(1));
        String type = metadata.text(prefix + ".rope.scaling.type").orElse(factor == 1 ? "none" : "linear");
        switch (type) {
            case "none" -> {}
            case "linear" -> scaling(config, "linear", factor);
            case "yarn" -> addYarn(scaling(config, "yarn", factor), context);
            default ->
                throw GgufErrors.unusable(
                        file.name(), "its rotary scaling is '" + type + "', and only linear and yarn are known");
        }
    }

    private static ObjectNode scaling(ObjectNode config, String type, double factor) {
        return config.putObject("rope_scaling").put("rope_type", type).put("factor", factor);
    }

    private void addYarn(ObjectNode scaling, int context) {
        GgufMetadata metadata = file.metadata();
        String keys = prefix + ".rope.scaling.";
        if (metadata.number(keys + "attn_factor").orElse(1) != 1) {
            throw GgufErrors.unusable(file.name(), "its " + keys + "attn_factor is not 1");
        }
        scaling.put(
                "original_max_position_embeddings",
                metadata.count(keys + "original_context_length").orElse(context));
        metadata.number(keys + "yarn_beta_fast").ifPresent(turns -> scaling.put("beta_fast", turns));
        metadata.number(keys + "yarn_beta_slow").ifPresent(turns -> scaling.put("beta_slow", turns));
    }

    /// Llama 3's rule is stored as its result, one divisor for each frequency. transformers' `longrope`
    /// takes divisors as they are; with equal ones for short and long texts and an attention factor of 1 it
    /// does nothing else.
    private void addFactors(ObjectNode scaling, int context, int headSize) {
        float[] factors =
                GgufConfig.values(file.tensor(TensorNames.ROPE_FACTORS).orElseThrow());
        if (factors.length != headSize / 2) {
            throw GgufErrors.damaged(
                    file.name(),
                    TensorNames.ROPE_FACTORS + " has " + factors.length + " elements for heads of " + headSize);
        }
        scaling.put("rope_type", "longrope");
        scaling.put("factor", 1.0);
        scaling.put("attention_factor", 1.0);
        scaling.put("original_max_position_embeddings", context);
        addAll(scaling.putArray("short_factor"), factors);
        addAll(scaling.putArray("long_factor"), factors);
    }

    private static void addAll(ArrayNode array, float[] values) {
        for (float value : values) {
            array.add(value);
        }
    }
}
