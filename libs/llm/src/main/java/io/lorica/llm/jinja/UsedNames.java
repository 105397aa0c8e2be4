package io.lorica.llm.jinja;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Supplier;

/// Notes which names a piece of a template uses: a macro takes what its body asks for.
final class UsedNames {

    private final Deque<Set<String>> open = new ArrayDeque<>();

    void add(String name) {
        if (!open.isEmpty()) {
            open.element().add(name);
        }
    }

    /// What `reader` reads, and the names that it used.
    <T> Used<T> noting(Supplier<T> reader) {
        open.push(new HashSet<>());
        T read = reader.get();
        Set<String> names = open.pop();
        names.forEach(this::add);
        return new Used<>(read, names);
    }

    /// Something read, and the names used in it.
    record Used<T>(T value, Set<String> names) {}
}
