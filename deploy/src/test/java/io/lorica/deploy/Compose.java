package io.lorica.deploy;

import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.yaml.snakeyaml.Yaml;

/// The compose file, with its anchors resolved.
///
/// @param tree what it says
record Compose(JsonNode tree) {

    static Compose read() {
        Object document = new Yaml().load(Repository.read(Repository.DEPLOY.resolve("compose.yaml")));
        return new Compose(new ObjectMapper().valueToTree(document));
    }

    JsonNode service(String name) {
        return tree.path("services").path(name);
    }

    Map<String, String> environment(String service) {
        Map<String, String> variables = new TreeMap<>();
        service(service)
                .path("environment")
                .properties()
                .forEach(entry -> variables.put(entry.getKey(), entry.getValue().asText()));
        return variables;
    }
}
