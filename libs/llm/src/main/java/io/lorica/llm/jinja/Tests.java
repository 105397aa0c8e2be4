package io.lorica.llm.jinja;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The tests behind `is`.
final class Tests {

    private Tests() {}

    static boolean holds(String name, Object value, Arguments arguments) {
        return switch (name) {
            case "defined" -> !(value instanceof Undefined);
            case "undefined" -> value instanceof Undefined;
            case "none" -> value == None.NONE;
            case "boolean" -> value instanceof Boolean;
            case "true" -> Boolean.TRUE.equals(value);
            case "false" -> Boolean.FALSE.equals(value);
            case "integer" -> Numbers.isWhole(value) && !(value instanceof Boolean);
            case "float" -> value instanceof Double;
            case "number" -> Numbers.isNumber(value);
            case "string" -> value instanceof String;
            case "mapping" -> value instanceof Map<?, ?>;
            case "iterable" -> Values.isIterable(value);
            case "sequence" -> isSequence(value);
            case "callable" -> value instanceof Callable;
            case "lower" -> text(value).equals(text(value).toLowerCase(Locale.ROOT)) && isCased(value);
            case "upper" -> text(value).equals(text(value).toUpperCase(Locale.ROOT)) && isCased(value);
            case "odd" -> remainder(value, 2L) != 0;
            case "even" -> remainder(value, 2L) == 0;
            case "divisibleby" -> remainder(value, other(name, arguments)) == 0;
            case "sameas" -> same(value, other(name, arguments));
            case "filter" -> Filters.isKnown(text(value));
            case "test" -> isKnown(text(value));
            case "in" -> Values.contains(other(name, arguments), value);
            default -> Operators.compare(comparison(name), value, other(name, arguments));
        };
    }

    private static String comparison(String name) {
        return switch (name) {
            case "eq", "equalto", "==" -> "==";
            case "ne", "!=" -> "!=";
            case "lt", "lessthan", "<" -> "<";
            case "le", "<=" -> "<=";
            case "gt", "greaterthan", ">" -> ">";
            case "ge", ">=" -> ">=";
            default -> throw JinjaException.rendering("there is no test '" + name + "' in chat templates");
        };
    }

    private static boolean isKnown(String name) {
        return List.of(
                        "defined",
                        "undefined",
                        "none",
                        "boolean",
                        "true",
                        "false",
                        "integer",
                        "float",
                        "number",
                        "string",
                        "mapping",
                        "iterable",
                        "sequence",
                        "callable",
                        "lower",
                        "upper",
                        "odd",
                        "even",
                        "divisibleby",
                        "sameas",
                        "filter",
                        "test",
                        "in",
                        "eq",
                        "equalto",
                        "ne",
                        "lt",
                        "lessthan",
                        "le",
                        "gt",
                        "greaterthan",
                        "ge")
                .contains(name);
    }

    private static Object other(String name, Arguments arguments) {
        return arguments.bind(name, "other").required("other");
    }

    /// As jinja2's test: whatever has a length and elements by key, mappings and the undefined too.
    private static boolean isSequence(Object value) {
        return Values.isIterable(value) && !(value instanceof Sequence.View);
    }

    private static String text(Object value) {
        return PythonText.of(value);
    }

    private static boolean isCased(Object value) {
        return text(value).codePoints().anyMatch(Character::isLetter);
    }

    private static long remainder(Object value, Object divisor) {
        Object remainder = Operators.calculate("%", value, divisor);
        return Numbers.toInt(remainder);
    }

    /// Python's identity, which for texts and numbers that chat templates compare is equality of type and value.
    private static boolean same(Object left, Object right) {
        return left.getClass() == right.getClass() && left.equals(right);
    }
}
