package io.lorica.llm.jinja;

import java.util.LinkedHashMap;
import java.util.Map;

/// `namespace(…)`: the one value that a template may change, so that a loop can tell something to what follows it.
/// Confined to one render.
final class Namespace {

    private final Map<String, Object> attributes = new LinkedHashMap<>();

    Namespace(Map<String, Object> attributes) {
        attributes.forEach(this::set);
    }

    Object get(String name) {
        Object value = attributes.get(name);
        return value == null ? Undefined.in(this, name) : value;
    }

    void set(String name, Object value) {
        if (name.startsWith("_")) {
            throw JinjaException.rendering(
                    "a namespace cannot keep '" + name + "', since names with an underscore in front are reserved");
        }
        attributes.put(name, value);
    }
}
