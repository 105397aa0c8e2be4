package io.lorica.gateway.api;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

/// Puts several OpenAPI documents into one. Schemas of one name that differ get numbers behind their names.
final class ApiMerge {

    private static final String SCHEMAS = "#/components/schemas/";
    private static final String PUBLIC = "/v1/";

    private final ObjectMapper json;
    private final ObjectNode merged;
    private final ObjectNode paths;
    private final ObjectNode schemas;

    ApiMerge(ObjectMapper json, String version) {
        this.json = json;
        this.merged = json.createObjectNode().put("openapi", "3.1.0");
        merged.putObject("info").put("title", "Lorica").put("version", version);
        merged.putArray("security").addObject().putArray("key");
        this.paths = merged.putObject("paths");
        ObjectNode components = merged.putObject("components");
        components
                .putObject("securitySchemes")
                .putObject("key")
                .put("type", "http")
                .put("scheme", "bearer");
        this.schemas = components.putObject("schemas");
    }

    ObjectNode of(List<ObjectNode> documents) {
        documents.forEach(this::add);
        return merged;
    }

    private void add(ObjectNode document) {
        merged.put("openapi", document.path("openapi").asText("3.1.0"));
        Map<String, String> names = new HashMap<>();
        JsonNode theirs = document.path("components").path("schemas");
        theirs.properties().forEach(entry -> names.put(entry.getKey(), name(entry.getKey(), entry.getValue())));
        theirs.properties()
                .forEach(
                        entry -> schemas.set(names.getOrDefault(entry.getKey(), ""), renamed(entry.getValue(), names)));
        document.path("paths").properties().stream()
                .filter(entry -> entry.getKey().startsWith(PUBLIC))
                .forEach(entry -> paths.set(entry.getKey(), renamed(entry.getValue(), names)));
    }

    private String name(String wanted, JsonNode schema) {
        String name = wanted;
        for (int number = 2; schemas.has(name) && !schemas.get(name).equals(schema); number++) {
            name = wanted + number;
        }
        return name;
    }

    private JsonNode renamed(JsonNode node, Map<String, String> names) {
        if (node.isObject()) {
            ObjectNode copy = json.createObjectNode();
            node.properties()
                    .forEach(entry -> copy.set(
                            entry.getKey(),
                            entry.getKey().equals("$ref")
                                    ? reference(entry.getValue().asText(), names)
                                    : renamed(entry.getValue(), names)));
            return copy;
        }
        if (node.isArray()) {
            return json.createArrayNode()
                    .addAll(node.valueStream().map(item -> renamed(item, names)).toList());
        }
        return node;
    }

    private static TextNode reference(String reference, Map<String, String> names) {
        String name = reference.startsWith(SCHEMAS) ? reference.substring(SCHEMAS.length()) : "";
        return TextNode.valueOf(names.containsKey(name) ? SCHEMAS + names.get(name) : reference);
    }
}
