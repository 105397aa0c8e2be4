package io.lorica.llm.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// The values of a template and what holds for all of them.
///
/// They are [String], [Long], [BigInteger], [Double], [Boolean], [None], [List], [Sequence], [Map], and what templates
/// make themselves: [Undefined], [Namespace], [Callable] and [Loop]. Nothing else ever gets in.
final class Values {

    private Values() {}

    /// A copy of plain data as a value.
    ///
    /// @throws IllegalArgumentException when it is anything but texts, numbers, truth values, null, lists and maps
    static Object of(@Nullable Object data) {
        return switch (data) {
            case null -> None.NONE;
            case String text -> text;
            case Boolean truth -> truth;
            case Integer number -> number.longValue();
            case Short number -> number.longValue();
            case Long number -> number;
            case BigInteger number -> Numbers.normal(number);
            case Double number -> number;
            case Float number -> number.doubleValue();
            case BigDecimal number -> number.doubleValue();
            case List<?> list -> list.stream().map(Values::of).toList();
            case Map<?, ?> map -> {
                Map<Object, Object> copy = new LinkedHashMap<>();
                map.forEach((key, value) -> copy.put(of(key), of(value)));
                yield copy;
            }
            default -> throw new IllegalArgumentException("a template takes plain data, not " + data.getClass());
        };
    }

    static boolean isTrue(Object value) {
        return switch (value) {
            case Boolean truth -> truth;
            case None _, Undefined _ -> false;
            case String text -> !text.isEmpty();
            case Double real -> real != 0;
            case Long number -> number != 0;
            case List<?> list -> !list.isEmpty();
            case Sequence sequence -> !sequence.elements().isEmpty();
            case Map<?, ?> map -> !map.isEmpty();
            default -> true;
        };
    }

    /// Python's name of the value's type.
    static String typeName(Object value) {
        return switch (value) {
            case String _ -> "str";
            case Boolean _ -> "bool";
            case Long _, BigInteger _ -> "int";
            case Double _ -> "float";
            case None _ -> "NoneType";
            case List<?> _ -> "list";
            case Map<?, ?> _ -> "dict";
            case Sequence.Tuple _ -> "tuple";
            case Sequence.View view -> view.type();
            case Sequence.Range _ -> "range";
            case Undefined _ -> "Undefined";
            case Namespace _ -> "Namespace";
            case Loop _ -> "LoopContext";
            default -> "function";
        };
    }

    /// The value's type for a reader.
    static String words(Object value) {
        return switch (value) {
            case String _ -> "a text";
            case Boolean _ -> "a truth value";
            case Long _, BigInteger _, Double _ -> "a number";
            case None _ -> "nothing (null)";
            case List<?> _, Sequence _ -> "a list";
            case Map<?, ?> _ -> "an object";
            default -> "a " + typeName(value);
        };
    }

    static String text(Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw mismatch("a text is needed", value);
    }

    static JinjaException mismatch(String need, Object value) {
        return value instanceof Undefined undefined
                ? undefined.complain()
                : JinjaException.rendering(need + ", not " + words(value));
    }

    /// The elements that a loop over the value gets: characters of a text, keys of a mapping.
    static List<Object> elements(Object value) {
        return switch (value) {
            case Undefined _ -> List.of();
            case List<?> list -> new ArrayList<>(list);
            case Sequence sequence -> sequence.elements();
            case Map<?, ?> map -> new ArrayList<>(map.keySet());
            case String text ->
                text.codePoints().<Object>mapToObj(Character::toString).toList();
            default -> throw JinjaException.rendering("nothing can be taken one by one from " + words(value));
        };
    }

    static boolean isIterable(Object value) {
        return value instanceof List<?>
                || value instanceof Sequence
                || value instanceof Map<?, ?>
                || value instanceof String
                || value instanceof Undefined;
    }

    static long length(Object value) {
        return switch (value) {
            case String text -> text.codePointCount(0, text.length());
            case List<?> list -> list.size();
            case Map<?, ?> map -> map.size();
            default -> elements(value).size();
        };
    }

    static boolean equal(Object left, Object right) {
        Budget.step();
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.compare(left, right) == 0;
        }
        return switch (left) {
            case List<?> list -> right instanceof List<?> other && equalElements(list, other);
            case Sequence sequence ->
                right instanceof Sequence other
                        && typeName(left).equals(typeName(right))
                        && equalElements(sequence.elements(), other.elements());
            case Map<?, ?> map -> right instanceof Map<?, ?> other && equalMaps(map, other);
            case Undefined _ -> right instanceof Undefined;
            default -> left.equals(right);
        };
    }

    private static boolean equalElements(List<?> left, List<?> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalMaps(Map<?, ?> left, Map<?, ?> right) {
        return left.size() == right.size()
                && left.entrySet().stream().allMatch(entry -> {
                    Object other = right.get(entry.getKey());
                    return other != null && equal(entry.getValue(), other);
                });
    }

    /// Order as Python's: numbers among themselves, texts by code point, lists and tuples element by element.
    static int compare(Object left, Object right) {
        Budget.step();
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.compare(left, right);
        }
        if (left instanceof String one && right instanceof String other) {
            return Arrays.compare(one.codePoints().toArray(), other.codePoints().toArray());
        }
        if (typeName(left).equals(typeName(right)) && (left instanceof List<?> || left instanceof Sequence.Tuple)) {
            return compareElements(elements(left), elements(right));
        }
        if (left instanceof Undefined undefined) {
            throw undefined.complain();
        }
        throw mismatch(words(left) + " can only be compared with its like", right);
    }

    private static int compareElements(List<Object> left, List<Object> right) {
        for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
            if (!equal(left.get(i), right.get(i))) {
                return compare(left.get(i), right.get(i));
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    /// `element in container`
    static boolean contains(Object container, Object element) {
        return switch (container) {
            case String text -> text.contains(text(element));
            case Map<?, ?> map -> map.containsKey(element);
            default -> elements(container).stream().anyMatch(each -> equal(each, element));
        };
    }
}
