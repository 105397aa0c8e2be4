package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.LoraSpec;

/// What PEFT's `adapter_config.json` says about an adapter (https://github.com/huggingface/peft, `LoraConfig`).
///
/// @param spec the adapter's shape
/// @param baseModel the name of the base model
record AdapterConfig(LoraSpec spec, String baseModel) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /// Reads the tree of an `adapter_config.json`.
    static AdapterConfig read(JsonNode root) {
        String type = root.path("peft_type").asText();
        if (!type.equals("LORA")) {
            throw unusable("its peft_type is '" + type + "', and only LORA is known");
        }
        if (root.path("use_dora").asBoolean(false)) {
            throw unusable("it uses DoRA");
        }
        if (!root.path("bias").asText("none").equals("none")) {
            throw unusable("it trains biases");
        }
        if (!root.path("rank_pattern").isEmpty() || !root.path("alpha_pattern").isEmpty()) {
            throw unusable("its rank differs from projection to projection");
        }
        List<String> modules = new ArrayList<>();
        root.path("target_modules").forEach(module -> modules.add(module.asText()));
        try {
            LoraSpec spec = new LoraSpec(
                    root.path("r").asInt(),
                    root.path("lora_alpha").asDouble(),
                    root.path("lora_dropout").asDouble(),
                    modules,
                    root.path("use_rslora").asBoolean(false));
            return new AdapterConfig(spec, root.path("base_model_name_or_path").asText(""));
        } catch (IllegalArgumentException e) {
            throw unusable(String.valueOf(e.getMessage()));
        }
    }

    /// The tree that PEFT reads.
    JsonNode tree() {
        ObjectNode root = JSON.createObjectNode();
        root.put("peft_type", "LORA");
        root.put("task_type", "CAUSAL_LM");
        root.put("base_model_name_or_path", baseModel);
        root.put("r", spec.rank());
        putAlpha(root);
        root.put("lora_dropout", spec.dropout());
        root.set("target_modules", JSON.valueToTree(spec.targetModules()));
        root.put("use_rslora", spec.rankStabilized());
        root.put("use_dora", false);
        root.put("bias", "none");
        root.put("fan_in_fan_out", false);
        root.put("inference_mode", true);
        root.put("init_lora_weights", true);
        root.putNull("modules_to_save");
        root.putNull("layers_to_transform");
        root.putNull("revision");
        root.putObject("rank_pattern");
        root.putObject("alpha_pattern");
        return root;
    }

    /// A whole alpha is written as one, as PEFT's type wants it.
    private void putAlpha(ObjectNode root) {
        if (spec.alpha() == Math.rint(spec.alpha())) {
            root.put("lora_alpha", (long) spec.alpha());
            return;
        }
        root.put("lora_alpha", spec.alpha());
    }

    static ProductException unusable(String reason) {
        return ProductException.of(ErrorCode.UNSUPPORTED_MODEL, "The adapter cannot be used: " + reason + ".");
    }
}
