package io.lorica.inference.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/// Reads the parameter `chat_template_kwargs`: further variables of a model's own chat template, such as
/// `enable_thinking`. Small, and none that the call or the tokenizer sets itself.
final class TemplateArguments {

    static final String NAME = "chat_template_kwargs";

    private static final int MAX_LENGTH = 16_384;
    private static final int MAX_DEPTH = 8;
    private static final Set<String> RESERVED = Set.of(
            "messages",
            "tools",
            "documents",
            "add_generation_prompt",
            "continue_final_message",
            "chat_template",
            "tokenize",
            "bos_token",
            "eos_token",
            "unk_token",
            "sep_token",
            "pad_token",
            "cls_token",
            "mask_token");

    private TemplateArguments() {}

    static Map<String, Object> read(JsonNode node) {
        if (!node.isObject()) {
            throw Parameters.invalid(
                    NAME,
                    "'" + NAME + "' must be an object of template variables, such as {\"enable_thinking\": false}.");
        }
        if (node.toString().length() > MAX_LENGTH) {
            throw Parameters.invalid(NAME, "'" + NAME + "' may have " + MAX_LENGTH + " characters at the most.");
        }
        Map<String, Object> arguments = new LinkedHashMap<>();
        node.properties().forEach(entry -> {
            String path = NAME + "." + entry.getKey();
            if (RESERVED.contains(entry.getKey())) {
                throw Parameters.invalid(
                        path, "'" + entry.getKey() + "' is set by the call itself; leave it out of '" + NAME + "'.");
            }
            arguments.put(Parameters.wellFormed(NAME, entry.getKey()), value(path, entry.getValue(), 1));
        });
        return arguments;
    }

    private static @Nullable Object value(String path, JsonNode node, int depth) {
        if (depth > MAX_DEPTH) {
            throw Parameters.invalid(path, "'" + NAME + "' may be " + MAX_DEPTH + " levels deep at the most.");
        }
        return switch (node.getNodeType()) {
            case OBJECT -> object(path, node, depth);
            case ARRAY -> list(path, node, depth);
            case STRING -> Parameters.wellFormed(path, node.textValue());
            case BOOLEAN -> node.booleanValue();
            case NUMBER -> number(path, node);
            case NULL, MISSING, BINARY, POJO -> null;
        };
    }

    private static Object number(String path, JsonNode node) {
        if (!node.isIntegralNumber()) {
            return node.doubleValue();
        }
        if (!node.canConvertToLong()) {
            throw Parameters.invalid(path, "The number " + node + " is too large for a template.");
        }
        return node.longValue();
    }

    private static Map<String, @Nullable Object> object(String path, JsonNode node, int depth) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        node.properties()
                .forEach(entry -> object.put(
                        Parameters.wellFormed(path, entry.getKey()),
                        value(path + "." + entry.getKey(), entry.getValue(), depth + 1)));
        return object;
    }

    private static List<@Nullable Object> list(String path, JsonNode node, int depth) {
        List<@Nullable Object> list = new ArrayList<>();
        node.forEach(element -> list.add(value(path, element, depth + 1)));
        return list;
    }
}
