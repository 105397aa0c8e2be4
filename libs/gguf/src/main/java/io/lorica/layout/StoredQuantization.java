package io.lorica.layout;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// The form in which a checkpoint's weights were quantised before, as `quantization_config` of its `config.json` says.
public sealed interface StoredQuantization {

    /// The name of the section in `config.json`.
    String SECTION = "quantization_config";

    /// Weights as they were trained.
    record None() implements StoredQuantization {}

    /// 4-bit or 8-bit codes of bitsandbytes, with their statistics in tensors beside them.
    record Bitsandbytes() implements StoredQuantization {}

    /// Numbers of 8 bits, four of them exponent, with scales in tensors beside them.
    ///
    /// @param blockRows how many rows share a scale
    /// @param blockColumns how many columns do; 0 where the scales are one for all, or one a row
    record Float8(int blockRows, int blockColumns) implements StoredQuantization {}

    /// The form that a model's configuration names.
    ///
    /// @param config the tree of `config.json`
    /// @throws ProductException with `UNSUPPORTED_MODEL` that names the method, where it is not read
    static StoredQuantization of(JsonNode config) {
        JsonNode section = config.path(SECTION);
        JsonNode node = section.isObject() ? section : config.path("compression_config");
        if (!node.isObject()) {
            return new None();
        }
        boolean marked = node.path("load_in_4bit").asBoolean()
                || node.path("load_in_8bit").asBoolean();
        String method = node.path("quant_method").asText(marked ? "bitsandbytes" : "");
        return switch (method) {
            case "bitsandbytes", "bitsandbytes_4bit", "bitsandbytes_8bit" -> new Bitsandbytes();
            case "fp8" -> float8(node.path("weight_block_size"));
            case "compressed-tensors" -> compressed(node);
            default -> throw notRead("'" + method + "'");
        };
    }

    private static StoredQuantization compressed(JsonNode node) {
        String format = node.path("format").asText("");
        String kind = "'compressed-tensors' in the format '" + format + "'";
        boolean sparse =
                node.path("sparsity_config").path("format").asText("dense").equals("dense");
        if (!sparse || !(format.equals("float-quantized") || format.equals("naive-quantized"))) {
            throw notRead(kind);
        }
        StoredQuantization common = new Float8(0, 0);
        for (JsonNode group : node.path("config_groups")) {
            JsonNode weights = group.path("weights");
            if (weights.path("num_bits").asInt() != 8
                    || !weights.path("type").asText().equals("float")) {
                throw notRead(kind + " with " + weights.path("num_bits").asInt() + " bits of the type '"
                        + weights.path("type").asText() + "'");
            }
            common = float8(weights.path("block_structure"));
        }
        return common;
    }

    private static Float8 float8(JsonNode block) {
        return block.size() == 2
                ? new Float8(block.path(0).asInt(), block.path(1).asInt())
                : new Float8(0, 0);
    }

    private static ProductException notRead(String method) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL,
                "The model's weights are quantised by " + method + " (quant_method in the quantization_config of its"
                        + " config.json), which is not read. Name the model as it was before, in 16 bits, or as GGUF,"
                        + " bitsandbytes or FP8; a job quantises it with its hyper-parameter quantization.");
    }
}
