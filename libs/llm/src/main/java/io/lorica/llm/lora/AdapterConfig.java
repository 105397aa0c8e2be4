package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.LoraOptions;
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
        if (!root.path("bias").asText("none").equals("none")) {
            throw unusable("it trains biases");
        }
        for (String field : List.of("modules_to_save", "exclude_modules", "target_parameters", "layer_replication")) {
            if (!root.path(field).isEmpty()) {
                throw unusable("it uses " + field);
            }
        }
        if (String.valueOf(root.path("init_lora_weights").asText()).startsWith("pissa")) {
            throw unusable("it stands on weights that PiSSA changed; save it with PEFT's "
                    + "path_initial_model_for_weight_conversion");
        }
        try {
            return new AdapterConfig(
                    spec(root), root.path("base_model_name_or_path").asText(""));
        } catch (IllegalArgumentException e) {
            throw unusable(String.valueOf(e.getMessage()));
        }
    }

    private static LoraSpec spec(JsonNode root) {
        List<String> modules = targets(root.path("target_modules"));
        boolean plain = LoraSpec.ALL_PROJECTIONS.containsAll(modules);
        LoraOptions options = new LoraOptions(
                root.path("use_dora").asBoolean(false),
                plain ? null : pattern(root.path("target_modules"), modules),
                layers(root.path("layers_to_transform")),
                JSON.convertValue(orEmpty(root.path("rank_pattern")), new TypeReference<>() {}),
                JSON.convertValue(orEmpty(root.path("alpha_pattern")), new TypeReference<>() {}),
                null);
        return new LoraSpec(
                root.path("r").asInt(),
                root.path("lora_alpha").asDouble(),
                root.path("lora_dropout").asDouble(),
                plain ? modules : LoraSpec.ALL_PROJECTIONS,
                root.path("use_rslora").asBoolean(false),
                options.equals(LoraOptions.NONE) ? null : options);
    }

    private static List<String> targets(JsonNode node) {
        if (node.isTextual()) {
            return node.asText().equals("all-linear") ? LoraSpec.ALL_PROJECTIONS : List.of(node.asText());
        }
        List<String> modules = new ArrayList<>();
        node.forEach(module -> modules.add(module.asText()));
        return modules;
    }

    /// A text is an expression for the whole path, names of a list are its end.
    private static String pattern(JsonNode node, List<String> modules) {
        return node.isTextual()
                ? node.asText()
                : "(.*\\.)?(" + modules.stream().map(AdapterConfig::literal).collect(Collectors.joining("|")) + ")";
    }

    /// Characters of no meaning, in the way that Python's expressions know too.
    private static String literal(String text) {
        return text.replaceAll("\\W", "\\\\$0");
    }

    private static List<Integer> layers(JsonNode node) {
        if (node.isInt()) {
            return List.of(node.asInt());
        }
        List<Integer> layers = new ArrayList<>();
        node.forEach(layer -> layers.add(layer.asInt()));
        return layers;
    }

    private static JsonNode orEmpty(JsonNode node) {
        return node.isObject() ? node : JSON.createObjectNode();
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
        LoraOptions options = spec.extras();
        String pattern = options.targetPattern();
        root.set("target_modules", JSON.valueToTree(pattern == null ? spec.targetModules() : pattern));
        root.put("use_rslora", spec.rankStabilized());
        root.put("use_dora", options.dora());
        root.put("bias", "none");
        root.put("fan_in_fan_out", false);
        root.put("inference_mode", true);
        root.put("init_lora_weights", true);
        root.putNull("modules_to_save");
        root.set("layers_to_transform", options.layers().isEmpty() ? null : JSON.valueToTree(options.layers()));
        root.putNull("revision");
        root.set("rank_pattern", JSON.valueToTree(options.rankPattern()));
        root.set("alpha_pattern", JSON.valueToTree(options.alphaPattern()));
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
