package io.lorica.llm.lora;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.LoraBias;
import io.lorica.contracts.job.LoraOptions;
import io.lorica.contracts.job.LoraSpec;

/// What PEFT's `adapter_config.json` says about an adapter (https://github.com/huggingface/peft, `LoraConfig`).
///
/// @param spec the adapter's shape
/// @param baseModel the name of the base model
record AdapterConfig(LoraSpec spec, String baseModel) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> UNKNOWN = List.of(
            "target_parameters",
            "layer_replication",
            "layers_pattern",
            "trainable_token_indices",
            "lora_bias",
            "ensure_weight_tying");

    /// Reads the tree of an `adapter_config.json`.
    static AdapterConfig read(JsonNode root) {
        String type = root.path("peft_type").asText();
        if (!type.equals("LORA")) {
            throw unusable("its peft_type is '" + type + "', and only LORA is known");
        }
        for (String field : UNKNOWN) {
            JsonNode value = root.path(field);
            if (!value.isEmpty() || value.asBoolean(false)) {
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
        JsonNode excluded = root.path("exclude_modules");
        boolean plain = LoraSpec.ALL_PROJECTIONS.containsAll(modules);
        boolean nothing = excluded.asText().isEmpty() && excluded.isEmpty();
        checkExpressions(root);
        LoraOptions options = new LoraOptions(
                root.path("use_dora").asBoolean(false),
                plain ? null : pattern(root.path("target_modules"), modules),
                layers(root.path("layers_to_transform")),
                JSON.convertValue(orEmpty(root.path("rank_pattern")), new TypeReference<>() {}),
                JSON.convertValue(orEmpty(root.path("alpha_pattern")), new TypeReference<>() {}),
                null,
                bias(root.path("bias").asText("none")),
                texts(root.path("modules_to_save")),
                AdapterStart.DEFAULTS,
                nothing ? null : pattern(excluded, texts(excluded)));
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
        return texts(node);
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        node.forEach(text -> texts.add(text.asText()));
        return texts;
    }

    private static LoraBias bias(String name) {
        return Arrays.stream(LoraBias.values())
                .filter(bias -> bias.wireName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("its bias is '" + name + "'"));
    }

    private static void checkExpressions(JsonNode root) {
        for (String name : List.of("target_modules", "exclude_modules")) {
            JsonNode node = root.path(name);
            if (node.isTextual()) {
                ModulePattern.check(name, List.of(node.asText()));
            }
        }
        for (String name : List.of("rank_pattern", "alpha_pattern")) {
            List<String> keys = new ArrayList<>();
            root.path(name).fieldNames().forEachRemaining(keys::add);
            ModulePattern.check(name, keys);
        }
    }

    /// A text is an expression for the whole path, names of a list are its end.
    private static String pattern(JsonNode node, List<String> modules) {
        return node.isTextual() && !node.asText().equals("all-linear") ? node.asText() : ModulePattern.ofNames(modules);
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
    ///
    /// @param adapted the paths of the adapted projections
    JsonNode tree(List<String> adapted) {
        ObjectNode root = JSON.createObjectNode();
        root.put("peft_type", "LORA");
        root.put("task_type", "CAUSAL_LM");
        root.put("base_model_name_or_path", baseModel);
        root.put("r", spec.rank());
        putAlpha(root);
        root.put("lora_dropout", spec.dropout());
        LoraOptions options = spec.extras();
        String pattern = options.targetPattern();
        // PEFT takes layers beside names only, not beside an expression; then all paths are listed.
        boolean listed = pattern != null && !options.layers().isEmpty();
        Object targets = pattern == null ? spec.targetModules() : pattern;
        root.set("target_modules", JSON.valueToTree(listed ? adapted : targets));
        if (options.excludedPattern() != null && !listed) {
            root.put("exclude_modules", options.excludedPattern());
        }
        root.put("use_rslora", spec.rankStabilized());
        root.put("use_dora", options.dora());
        root.put("bias", options.bias().wireName());
        root.put("fan_in_fan_out", false);
        root.put("inference_mode", true);
        root.put("init_lora_weights", true);
        root.set(
                "modules_to_save",
                options.modulesToSave().isEmpty() ? null : JSON.valueToTree(options.modulesToSave()));
        root.set(
                "layers_to_transform",
                listed || options.layers().isEmpty() ? null : JSON.valueToTree(options.layers()));
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
