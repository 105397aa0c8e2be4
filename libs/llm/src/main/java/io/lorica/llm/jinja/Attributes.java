package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// `value.name`, `value[key]` and `value[from:to]`, with what jinja2's immutable sandbox forbids.
final class Attributes {

    private Attributes() {}

    /// `owner.name`: Python's attribute first, then the item of that name.
    static Object attribute(Object owner, String name) {
        Object own = own(owner, name);
        if (own != null) {
            return own;
        }
        Object item = member(owner, name);
        return item == null ? Undefined.in(owner, name) : item;
    }

    /// `owner[key]`: the item first, then Python's attribute of that name.
    static Object item(Object owner, Object key) {
        Object item = member(owner, key);
        if (item != null) {
            return item;
        }
        Object own = key instanceof String name ? own(owner, name) : null;
        return own == null ? Undefined.in(owner, key) : own;
    }

    private static @Nullable Object own(Object owner, String name) {
        if (owner instanceof Undefined undefined) {
            throw undefined.complain();
        }
        if (name.startsWith("__")) {
            return Undefined.forbidden(owner, name);
        }
        return switch (owner) {
            case String text -> TextMethods.ALL.of(text, name);
            case Map<?, ?> map -> CollectionMethods.OF_MAPPINGS.of(map, name);
            case List<?> list -> CollectionMethods.OF_LISTS.of(list, name);
            case Sequence.Tuple tuple -> CollectionMethods.OF_LISTS.of(tuple, name);
            case Namespace namespace -> namespace.get(name);
            case Loop loop -> loop.attribute(name);
            case Macro macro when name.equals("name") -> macro.name();
            default -> null;
        };
    }

    private static @Nullable Object member(Object owner, Object key) {
        return switch (owner) {
            case Undefined undefined -> throw undefined.complain();
            case Map<?, ?> map -> map.get(key);
            case String text -> Numbers.isWhole(key) ? element(Values.elements(text), key) : null;
            case List<?> list -> Numbers.isWhole(key) ? element(list, key) : null;
            case Sequence.Tuple tuple -> Numbers.isWhole(key) ? element(tuple.elements(), key) : null;
            case Sequence.Range range -> Numbers.isWhole(key) ? element(range.elements(), key) : null;
            default -> null;
        };
    }

    private static @Nullable Object element(List<?> elements, Object key) {
        int index = Numbers.toInt(key);
        int counted = index < 0 ? index + elements.size() : index;
        return counted >= 0 && counted < elements.size() ? elements.get(counted) : null;
    }

    /// `owner[from:to:step]`; [None] stands for a bound left out.
    static Object slice(Object owner, Object from, Object to, Object step) {
        return switch (owner) {
            case String text -> {
                StringBuilder slice = new StringBuilder();
                sliced(Values.elements(text), from, to, step).forEach(slice::append);
                yield slice.toString();
            }
            case Sequence.Tuple(List<Object> elements) -> new Sequence.Tuple(sliced(elements, from, to, step));
            case List<?> _, Sequence.Range _ -> sliced(Values.elements(owner), from, to, step);
            default -> throw Values.mismatch("only texts and lists have parts", owner);
        };
    }

    private static List<Object> sliced(List<Object> elements, Object from, Object to, Object stepValue) {
        int step = stepValue == None.NONE ? 1 : Numbers.toInt(stepValue);
        if (step == 0) {
            throw JinjaException.rendering("the step of a slice is zero");
        }
        int size = elements.size();
        int first = step > 0 ? 0 : size - 1;
        int end = step > 0 ? size : -1;
        long i = from == None.NONE ? first : bound(from, size, step);
        long last = to == None.NONE ? end : bound(to, size, step);
        List<Object> slice = new ArrayList<>();
        for (; step > 0 ? i < last : i > last; i += step) {
            slice.add(elements.get((int) i));
        }
        return slice;
    }

    private static int bound(Object value, int size, int step) {
        int index = Numbers.toInt(value);
        int counted = index < 0 ? Math.max(index, -size - 1) + size : index;
        return step > 0 ? Math.clamp(counted, 0, size) : Math.clamp(counted, -1, size - 1);
    }
}
