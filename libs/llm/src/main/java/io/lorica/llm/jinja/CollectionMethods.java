package io.lorica.llm.jinja;

import java.util.List;
import java.util.Map;
import java.util.Set;

/// Python's methods of mappings, lists and tuples that change nothing.
final class CollectionMethods {

    static final Methods<Map<?, ?>> OF_MAPPINGS = new Methods<Map<?, ?>>(
                    Set.of("clear", "pop", "popitem", "setdefault", "update"))
            .add("get", CollectionMethods::get, "key", "default")
            .add("items", (map, _) -> new Sequence.View("dict_items", items(map)))
            .add("keys", (map, _) -> new Sequence.View("dict_keys", Values.elements(map)))
            .add("values", (map, _) -> new Sequence.View("dict_values", List.copyOf(map.values())))
            .add("copy", (map, _) -> map);

    static final Methods<Object> OF_LISTS = new Methods<>(
                    Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"))
            .add("index", CollectionMethods::index, "value")
            .add("count", CollectionMethods::count, "value")
            .add("copy", (list, _) -> list);

    private CollectionMethods() {}

    private static Object get(Map<?, ?> map, Arguments.Bound arguments) {
        Object value = map.get(arguments.required("key"));
        return value == null ? arguments.or("default", None.NONE) : value;
    }

    /// The pairs of a mapping as tuples.
    static List<Object> items(Map<?, ?> map) {
        return map.entrySet().stream()
                .<Object>map(entry -> new Sequence.Tuple(List.of(entry.getKey(), entry.getValue())))
                .toList();
    }

    private static Object index(Object list, Arguments.Bound arguments) {
        List<Object> elements = Values.elements(list);
        for (int i = 0; i < elements.size(); i++) {
            if (Values.equal(elements.get(i), arguments.required("value"))) {
                return (long) i;
            }
        }
        throw JinjaException.rendering("a list does not contain what 'index' looks for");
    }

    private static Object count(Object list, Arguments.Bound arguments) {
        Object wanted = arguments.required("value");
        return Values.elements(list).stream()
                .filter(each -> Values.equal(each, wanted))
                .count();
    }
}
