package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.List;

/// The operators between two values.
final class Operators {

    private Operators() {}

    /// Arithmetic, and what texts and lists make of it.
    static Object calculate(String operator, Object left, Object right) {
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.calculate(operator, left, right);
        }
        if (operator.equals("%") && left instanceof String format) {
            return Printf.format(
                    format, right instanceof Sequence.Tuple(List<Object> elements) ? elements : List.of(right));
        }
        return switch (operator) {
            case "+" -> add(left, right);
            case "*" -> Numbers.isWhole(left) ? repeat(right, left) : repeat(left, right);
            default -> throw unfit(operator, left, right);
        };
    }

    private static Object add(Object left, Object right) {
        if (left instanceof String one && right instanceof String other) {
            Budget.grow(one.length() + (long) other.length());
            return one + other;
        }
        if (left instanceof List<?> && right instanceof List<?>) {
            return joined(left, right);
        }
        if (left instanceof Sequence.Tuple && right instanceof Sequence.Tuple) {
            return new Sequence.Tuple(joined(left, right));
        }
        throw unfit("+", left, right);
    }

    private static List<Object> joined(Object left, Object right) {
        List<Object> all = new ArrayList<>(Values.elements(left));
        all.addAll(Values.elements(right));
        Budget.grow(all.size());
        return all;
    }

    private static Object repeat(Object value, Object times) {
        if (!Numbers.isWhole(times)) {
            throw unfit("*", value, times);
        }
        int count = Math.max(0, Numbers.toInt(times));
        return switch (value) {
            case String text -> {
                Budget.grow((long) text.length() * count);
                yield text.repeat(count);
            }
            case List<?> list -> repeated(list, count);
            case Sequence.Tuple(List<Object> elements) -> new Sequence.Tuple(repeated(elements, count));
            default -> throw unfit("*", value, times);
        };
    }

    private static List<Object> repeated(List<?> elements, int count) {
        Budget.grow((long) elements.size() * count);
        List<Object> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.addAll(elements);
        }
        return all;
    }

    static boolean compare(String operator, Object left, Object right) {
        return switch (operator) {
            case "==" -> Values.equal(left, right);
            case "!=" -> !Values.equal(left, right);
            case "<" -> Values.compare(left, right) < 0;
            case "<=" -> Values.compare(left, right) <= 0;
            case ">" -> Values.compare(left, right) > 0;
            case ">=" -> Values.compare(left, right) >= 0;
            case "in" -> Values.contains(right, left);
            case "not in" -> !Values.contains(right, left);
            default -> throw new IllegalArgumentException(operator);
        };
    }

    private static JinjaException unfit(String operator, Object left, Object right) {
        for (Object value : List.of(left, right)) {
            if (value instanceof Undefined undefined) {
                return undefined.complain();
            }
        }
        return JinjaException.rendering(
                "'" + operator + "' does not fit " + Values.words(left) + " and " + Values.words(right));
    }
}
