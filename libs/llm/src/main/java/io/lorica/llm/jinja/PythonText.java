package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Values as Python prints them, and Python's idea of white space and lines.
final class PythonText {

    private PythonText() {}

    /// `str(value)`
    static String of(Object value) {
        return switch (value) {
            case String text -> text;
            case Undefined _ -> "";
            default -> repr(value);
        };
    }

    /// `repr(value)`
    static String repr(Object value) {
        Budget.step();
        return switch (value) {
            case None _ -> "None";
            case Boolean truth -> truth ? "True" : "False";
            case Double real -> Numbers.text(real);
            case String text -> quoted(text);
            case List<?> list -> joined("[", list, "]");
            case Map<?, ?> map -> mapping(map);
            case Sequence.Tuple(List<Object> elements) -> joined("(", elements, elements.size() == 1 ? ",)" : ")");
            case Sequence.View(String type, List<Object> elements) -> joined(type + "([", elements, "])");
            case Sequence.Range range ->
                "range(" + range.from() + ", " + range.to() + (range.step() == 1 ? "" : ", " + range.step()) + ")";
            case Undefined _ -> "Undefined";
            case Namespace _ -> "<Namespace>";
            case Callable _ -> "<function>";
            default -> String.valueOf(value);
        };
    }

    private static String joined(String before, List<?> elements, String after) {
        return elements.stream().map(PythonText::repr).collect(Collectors.joining(", ", before, after));
    }

    private static String mapping(Map<?, ?> map) {
        return map.entrySet().stream()
                .map(entry -> repr(entry.getKey()) + ": " + repr(entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}"));
    }

    /// In single quotes, or in double ones where that saves backslashes.
    private static String quoted(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        StringBuilder quoted = new StringBuilder().append(quote);
        text.codePoints().forEach(c -> quoted.append(quotedCharacter(c, quote)));
        return quoted.append(quote).toString();
    }

    private static String quotedCharacter(int c, char quote) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            case '\\' -> "\\\\";
            default -> {
                if (c == quote) {
                    yield "\\" + quote;
                }
                yield isPrintable(c) ? Character.toString(c) : escaped(c);
            }
        };
    }

    private static String escaped(int c) {
        return c < 0x100 ? "\\x%02x".formatted(c) : c < 0x10000 ? "\\u%04x".formatted(c) : "\\U%08x".formatted(c);
    }

    private static boolean isPrintable(int c) {
        return c == ' '
                || switch (Character.getType(c)) {
                    case Character.CONTROL,
                            Character.FORMAT,
                            Character.SURROGATE,
                            Character.PRIVATE_USE,
                            Character.UNASSIGNED,
                            Character.LINE_SEPARATOR,
                            Character.PARAGRAPH_SEPARATOR,
                            Character.SPACE_SEPARATOR -> false;
                    default -> true;
                };
    }

    /// `str.isspace` of one character.
    static boolean isSpace(int c) {
        return c == ' '
                || (c >= 0x09 && c <= 0x0D)
                || (c >= 0x1C && c <= 0x1F)
                || c == 0x85
                || Character.isSpaceChar(c);
    }

    static boolean isBlank(String text) {
        return text.chars().allMatch(PythonText::isSpace);
    }

    static String stripLeading(String text) {
        int start = 0;
        while (start < text.length() && isSpace(text.charAt(start))) {
            start++;
        }
        return text.substring(start);
    }

    static String stripTrailing(String text) {
        int end = text.length();
        while (end > 0 && isSpace(text.charAt(end - 1))) {
            end--;
        }
        return text.substring(0, end);
    }

    static String strip(String text) {
        return stripTrailing(stripLeading(text));
    }

    /// `str.splitlines()`
    static List<Object> lines(String text) {
        List<Object> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            if (endsLine(text.charAt(i))) {
                lines.add(text.substring(start, i));
                i += text.startsWith("\r\n", i) ? 1 : 0;
                start = i + 1;
            }
        }
        if (start < text.length()) {
            lines.add(text.substring(start));
        }
        return lines;
    }

    private static boolean endsLine(char c) {
        return (c >= '\n' && c <= '\r') || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
    }
}
