package io.lorica.llm.jinja;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// `json.dumps` as the filter `tojson` of chat templates calls it, which does not escape HTML.
///
/// @param ascii whether other characters become `\\u…`
/// @param indent how each level is indented, empty for one line
/// @param comma what stands between elements
/// @param colon what stands between a key and its value
/// @param sorted whether keys are sorted
record Json(boolean ascii, String indent, String comma, String colon, boolean sorted) {

    String dumps(Object value) {
        StringBuilder json = new StringBuilder();
        write(value, json, "");
        return json.toString();
    }

    private void write(Object value, StringBuilder json, String margin) {
        Budget.step();
        switch (value) {
            case None _ -> json.append("null");
            case Boolean truth -> json.append(truth);
            case String text -> quote(text, json);
            case Long number -> json.append(number);
            case BigInteger number -> json.append(number);
            case Double real -> json.append(number(real));
            case List<?> list -> elements(list, json, margin);
            case Sequence.Tuple(List<Object> elements) -> elements(elements, json, margin);
            case Map<?, ?> map -> members(map, json, margin);
            default -> throw Values.mismatch("'tojson' needs plain data", value);
        }
    }

    private static String number(double real) {
        return Double.isNaN(real)
                ? "NaN"
                : Double.isInfinite(real) ? (real > 0 ? "Infinity" : "-Infinity") : Numbers.text(real);
    }

    private void elements(List<?> list, StringBuilder json, String margin) {
        if (list.isEmpty()) {
            json.append("[]");
            return;
        }
        String inner = margin + indent;
        String before = "[";
        for (Object element : list) {
            json.append(before);
            newLine(json, inner);
            write(element, json, inner);
            before = comma;
        }
        newLine(json, margin);
        json.append(']');
    }

    private void members(Map<?, ?> map, StringBuilder json, String margin) {
        if (map.isEmpty()) {
            json.append("{}");
            return;
        }
        String inner = margin + indent;
        json.append('{');
        Stream<? extends Map.Entry<?, ?>> entries = map.entrySet().stream();
        if (sorted) {
            entries = entries.sorted(Comparator.comparing(Map.Entry::getKey, Values::compare));
        }
        int start = json.length();
        entries.forEach(entry -> {
            json.append(json.length() == start ? "" : comma);
            newLine(json, inner);
            quote(key(entry.getKey()), json);
            json.append(colon);
            write(entry.getValue(), json, inner);
        });
        newLine(json, margin);
        json.append('}');
    }

    private void newLine(StringBuilder json, String margin) {
        if (!indent.isEmpty()) {
            json.append('\n').append(margin);
        }
    }

    private static String key(Object key) {
        return switch (key) {
            case String text -> text;
            case None _ -> "null";
            case Boolean truth -> truth.toString();
            case Double real -> number(real);
            case Long number -> number.toString();
            default -> throw Values.mismatch("a key of 'tojson' must be a text or a number", key);
        };
    }

    private void quote(String text, StringBuilder json) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> json.append("\\\"");
                case '\\' -> json.append("\\\\");
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                case '\b' -> json.append("\\b");
                case '\f' -> json.append("\\f");
                default -> {
                    if (c < ' ' || (ascii && c > '~')) {
                        json.append("\\u%04x".formatted((int) c));
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }
}
