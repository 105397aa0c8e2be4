package io.lorica.llm.jinja;

import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// The names that a piece of a template can see. Assignments stay in the innermost scope. Confined to one render.
final class Scope {

    private final @Nullable Scope outer;
    private final Map<String, Object> values = new HashMap<>();

    Scope(@Nullable Scope outer) {
        this.outer = outer;
    }

    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            Object value = scope.values.get(name);
            if (value != null) {
                return value;
            }
        }
        return Undefined.name(name);
    }

    void set(String name, Object value) {
        values.put(name, value);
    }

    Scope inner() {
        return new Scope(this);
    }
}
