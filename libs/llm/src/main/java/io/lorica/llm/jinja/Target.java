package io.lorica.llm.jinja;

import java.util.List;

/// What a value is given to.
sealed interface Target {

    /// A name of the scope.
    record Named(String name) implements Target {}

    /// An attribute of a namespace.
    record InNamespace(String namespace, String attribute) implements Target {}

    /// Each element of a sequence to its own target.
    record Unpacked(List<Target> targets) implements Target {}
}
