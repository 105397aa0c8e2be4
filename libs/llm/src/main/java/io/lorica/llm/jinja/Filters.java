package io.lorica.llm.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The filters that chat templates use; those for lists are in [ListFilters].
final class Filters {

    private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern WORD_START = Pattern.compile("(?<=[-\\s({\\[<])(?=[^-\\s({\\[<])");
    private static final Map<String, Filter> ALL = new HashMap<>();

    /// What a filter does.
    interface Filter {

        Object apply(Object value, Arguments arguments);
    }

    /// What a filter with named parameters does.
    interface SimpleFilter {

        Object apply(Object value, Arguments.Bound arguments);
    }

    static {
        add("abs", (v, _) -> Numbers.compare(v, 0L) < 0 ? Numbers.negate(v) : v);
        add("attr", (v, a) -> Attributes.attribute(v, a.text("name")), "name");
        add("capitalize", (v, _) -> TextMethods.capitalize(PythonText.of(v)));
        add("lower", (v, _) -> PythonText.of(v).toLowerCase(Locale.ROOT));
        add("upper", (v, _) -> PythonText.of(v).toUpperCase(Locale.ROOT));
        add("title", (v, _) -> title(PythonText.of(v)));
        add("string", (v, _) -> PythonText.of(v));
        add("safe", (v, _) -> PythonText.of(v));
        add("trim", (v, a) -> TextMethods.strip(PythonText.of(v), a.or("chars", None.NONE), true, true), "chars");
        add("replace", Filters::replace, "old", "new", "count");
        add("indent", Filters::indent, "width", "first", "blank");
        add("wordcount", (v, _) -> WORD.matcher(PythonText.of(v)).results().count());
        add("center", (v, a) -> center(PythonText.of(v), a.integer("width", 80)), "width");
        add("int", Filters::toInteger, "default", "base");
        add("float", Filters::toReal, "default");
        add("round", Filters::round, "precision", "method");
        add("length", (v, _) -> measured(v));
        add("count", (v, _) -> measured(v));
        add("items", (v, _) -> items(v));
        for (String name : List.of("default", "d")) {
            add(name, Filters::otherwise, "default_value", "boolean");
        }
        for (String name : List.of("escape", "e", "forceescape")) {
            add(name, (v, _) -> escape(PythonText.of(v)));
        }
        add("tojson", Filters::json, "ensure_ascii", "indent", "separators", "sort_keys");
        ALL.put("format", (v, arguments) -> Printf.format(PythonText.of(v), arguments.positional()));
        ListFilters.addTo(ALL);
    }

    private Filters() {}

    static Object apply(String name, Object value, Arguments arguments) {
        Filter filter = ALL.get(name);
        if (filter == null) {
            throw JinjaException.rendering("there is no filter '" + name + "' in chat templates");
        }
        Object result = filter.apply(value, arguments);
        if (result instanceof String text) {
            Budget.grow(text.length());
        }
        return result;
    }

    static boolean isKnown(String name) {
        return ALL.containsKey(name);
    }

    private static void add(String name, SimpleFilter filter, String... parameters) {
        ALL.put(name, (value, arguments) -> filter.apply(value, arguments.bind(name, parameters)));
    }

    private static String title(String text) {
        return WORD_START.splitAsStream(text).map(TextMethods::capitalize).collect(Collectors.joining());
    }

    private static Object replace(Object value, Arguments.Bound arguments) {
        return TextMethods.replace(
                PythonText.of(value),
                PythonText.of(arguments.required("old")),
                PythonText.of(arguments.required("new")),
                arguments.integer("count", -1));
    }

    private static Object indent(Object value, Arguments.Bound arguments) {
        Object width = arguments.or("width", 4L);
        String margin = width instanceof String text ? text : " ".repeat(Math.clamp(Numbers.toInt(width), 0, 1000));
        boolean blank = arguments.flag("blank");
        List<Object> lines = PythonText.lines(PythonText.of(value) + "\n");
        StringBuilder text = new StringBuilder(arguments.flag("first") ? margin : "");
        for (int i = 0; i < lines.size(); i++) {
            String line = Values.text(lines.get(i));
            text.append(i == 0 ? "" : "\n")
                    .append(i > 0 && (blank || !line.isEmpty()) ? margin : "")
                    .append(line);
        }
        return text.toString();
    }

    private static String center(String text, int width) {
        return PythonText.of(
                Evaluator.call(Attributes.attribute(text, "center"), new Arguments(List.of((long) width), Map.of())));
    }

    private static Object toInteger(Object value, Arguments.Bound arguments) {
        Object otherwise = arguments.or("default", 0L);
        try {
            return switch (value) {
                case String text -> integer(text, arguments.integer("base", 10));
                case Double real -> Numbers.normal(new BigDecimal(real).toBigInteger());
                case Boolean _, Long _, BigInteger _ -> Numbers.normal(Numbers.big(value));
                default -> otherwise;
            };
        } catch (NumberFormatException _) {
            return otherwise;
        }
    }

    private static Object integer(String text, int base) {
        String digits = PythonText.strip(text).replace("_", "");
        try {
            String plain = base == 16 ? digits.replaceFirst("^([-+]?)0[xX]", "$1") : digits;
            return Numbers.normal(new BigInteger(plain, base));
        } catch (NumberFormatException e) {
            return Numbers.normal(new BigDecimal(digits).toBigInteger());
        }
    }

    private static Object toReal(Object value, Arguments.Bound arguments) {
        Object otherwise = arguments.or("default", 0.0);
        try {
            return value instanceof String text
                    ? new BigDecimal(PythonText.strip(text)).doubleValue()
                    : Numbers.isNumber(value) ? Numbers.real(value) : otherwise;
        } catch (NumberFormatException _) {
            return otherwise;
        }
    }

    /// Halves go to the even neighbour, as the number's exact binary value has it.
    private static Object round(Object value, Arguments.Bound arguments) {
        int precision = arguments.integer("precision", 0);
        RoundingMode mode = switch (Values.text(arguments.or("method", "common"))) {
            case "common" -> RoundingMode.HALF_EVEN;
            case "ceil" -> RoundingMode.CEILING;
            case "floor" -> RoundingMode.FLOOR;
            default -> throw JinjaException.rendering("'round' knows 'common', 'ceil' and 'floor'");
        };
        if (Numbers.isWhole(value) && mode == RoundingMode.HALF_EVEN) {
            BigDecimal rounded = new BigDecimal(Numbers.big(value)).setScale(Math.min(0, precision), mode);
            return Numbers.normal(rounded.toBigInteger());
        }
        return new BigDecimal(Numbers.real(value)).setScale(precision, mode).doubleValue();
    }

    private static Object measured(Object value) {
        if (!Values.isIterable(value)) {
            throw Values.mismatch("only texts, lists and objects have a length", value);
        }
        return Values.length(value);
    }

    private static Object items(Object value) {
        return switch (value) {
            case Undefined _ -> List.of();
            case Map<?, ?> map -> CollectionMethods.items(map);
            default -> throw Values.mismatch("'items' needs an object", value);
        };
    }

    private static Object otherwise(Object value, Arguments.Bound arguments) {
        boolean missing = value instanceof Undefined || (arguments.flag("boolean") && !Values.isTrue(value));
        return missing ? arguments.or("default_value", "") : value;
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;");
    }

    private static Object json(Object value, Arguments.Bound arguments) {
        Object indent = arguments.or("indent", None.NONE);
        String margin = switch (indent) {
            case None _ -> "";
            case String text -> text;
            default -> " ".repeat(Math.clamp(Numbers.toInt(indent), 0, 100));
        };
        List<Object> separators = arguments
                .given("separators")
                .map(Values::elements)
                .orElse(List.of(margin.isEmpty() ? ", " : ",", ": "));
        if (separators.size() != 2) {
            throw JinjaException.rendering("'tojson' needs two separators");
        }
        return new Json(
                        arguments.flag("ensure_ascii"),
                        margin,
                        Values.text(separators.getFirst()),
                        Values.text(separators.getLast()),
                        arguments.flag("sort_keys"))
                .dumps(value);
    }
}
