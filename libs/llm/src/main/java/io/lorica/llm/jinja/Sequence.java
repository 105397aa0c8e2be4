package io.lorica.llm.jinja;

import java.util.List;

/// Elements in an order that are no Python list; lists are [List].
sealed interface Sequence {

    List<Object> elements();

    /// A tuple.
    record Tuple(List<Object> elements) implements Sequence {}

    /// What `keys()`, `values()` and `items()` of a mapping give.
    ///
    /// @param type Python's name of the type, such as `dict_items`
    record View(String type, List<Object> elements) implements Sequence {}

    /// `range(from, to, step)`
    record Range(long from, long to, long step, List<Object> elements) implements Sequence {}
}
