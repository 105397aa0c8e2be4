package io.lorica.llm.jinja;

/// The backslashes of a text in quotes, as Python reads them.
final class Escapes {

    private Escapes() {}

    /// @throws JinjaException when a number behind a backslash is cut off
    static String resolve(String body, int line) {
        if (body.indexOf('\\') < 0) {
            return body;
        }
        StringBuilder text = new StringBuilder();
        int i = 0;
        while (i < body.length()) {
            char c = body.charAt(i);
            i = c == '\\' && i + 1 < body.length() ? escape(body, i + 1, text, line) : plain(c, i, text);
        }
        return text.toString();
    }

    private static int plain(char c, int index, StringBuilder text) {
        text.append(c);
        return index + 1;
    }

    /// Appends what the escape at `index`, right behind its backslash, means; returns where the text goes on.
    private static int escape(String body, int index, StringBuilder text, int line) {
        char c = body.charAt(index);
        switch (c) {
            case '\n' -> {}
            case '\\', '\'', '"' -> text.append(c);
            case 'a' -> text.append('\u0007');
            case 'b' -> text.append('\b');
            case 'f' -> text.append('\f');
            case 'n' -> text.append('\n');
            case 'r' -> text.append('\r');
            case 't' -> text.append('\t');
            case 'v' -> text.append('\u000B');
            case 'x' -> {
                return hexadecimal(body, index + 1, 2, text, line);
            }
            case 'u' -> {
                return hexadecimal(body, index + 1, 4, text, line);
            }
            case 'U' -> {
                return hexadecimal(body, index + 1, 8, text, line);
            }
            case '0', '1', '2', '3', '4', '5', '6', '7' -> {
                return octal(body, index, text);
            }
            default -> text.append('\\').append(c);
        }
        return index + 1;
    }

    private static int hexadecimal(String body, int start, int digits, StringBuilder text, int line) {
        try {
            text.appendCodePoint(Integer.parseInt(body.substring(start, start + digits), 16));
            return start + digits;
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw JinjaException.syntax(line, "a character's number in a text is not complete");
        }
    }

    private static int octal(String body, int start, StringBuilder text) {
        int end = start;
        int value = 0;
        while (end < body.length() && end < start + 3 && body.charAt(end) >= '0' && body.charAt(end) <= '7') {
            value = value * 8 + body.charAt(end++) - '0';
        }
        text.appendCodePoint(value);
        return end;
    }
}
