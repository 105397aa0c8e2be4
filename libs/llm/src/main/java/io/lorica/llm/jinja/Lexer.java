package io.lorica.llm.jinja;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// Cuts a template into tokens, with jinja2's rules for white space as `transformers` sets them: `trim_blocks` (a line
/// break right after a block or comment goes), `lstrip_blocks` (blanks before a block or comment that begins its line
/// go), the last line break goes, and `-` strips while `+` keeps.
final class Lexer {

    private static final Pattern NEW_LINE = Pattern.compile("\r\n|\r");
    private static final Pattern RAW_BEGIN = Pattern.compile("\\{%([-+]?)[\\s\\p{Z}]*raw[\\s\\p{Z}]*(-?)%}");
    private static final Pattern RAW_END = Pattern.compile("\\{%([-+]?)[\\s\\p{Z}]*endraw[\\s\\p{Z}]*([-+]?)%}");
    private static final Pattern FLOAT = Pattern.compile(
            "(?<!\\.)(?:\\d+_)*\\d+(?:(?:\\.(?:\\d+_)*\\d+)?[eE][+-]?(?:\\d+_)*\\d+|\\.(?:\\d+_)*\\d+)");
    private static final Pattern INTEGER =
            Pattern.compile("0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|0[xX](?:_?[0-9a-fA-F])+|[1-9](?:_?\\d)*|0(?:_?0)*");
    private static final Pattern NAME = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern STRING =
            Pattern.compile("'[^'\\\\]*+(?:\\\\.[^'\\\\]*+)*+'|\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"", Pattern.DOTALL);
    private static final Pattern OPERATOR = Pattern.compile("//|\\*\\*|==|!=|>=|<=|[-+/*%~\\[\\](){}<>=.:|,;]");

    private final String source;
    private final List<Token> tokens = new ArrayList<>();
    private final Deque<String> brackets = new ArrayDeque<>();
    private int position;
    private int counted;
    private int line = 1;

    private Lexer(String source) {
        String unified = NEW_LINE.matcher(source).replaceAll("\n");
        this.source = unified.endsWith("\n") ? unified.substring(0, unified.length() - 1) : unified;
    }

    /// The tokens of a template; the last is of kind `END`.
    ///
    /// @throws JinjaException of kind `SYNTAX`
    static List<Token> tokens(String source) {
        Lexer lexer = new Lexer(source);
        lexer.run();
        return lexer.tokens;
    }

    private void run() {
        while (position < source.length()) {
            int tag = nextTag(position);
            if (tag < 0) {
                add(Token.Kind.DATA, source.substring(position), source.length());
                break;
            }
            Matcher raw = match(RAW_BEGIN, tag);
            if (raw != null) {
                data(tag, raw.group(1), true);
                raw(raw);
            } else {
                tag(tag);
            }
        }
        add(Token.Kind.END, "", source.length());
    }

    private int nextTag(int from) {
        for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
            if (i + 1 < source.length() && "%{#".indexOf(source.charAt(i + 1)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private void tag(int tag) {
        char kind = source.charAt(tag + 1);
        String sign = signAt(tag + 2);
        data(tag, sign, kind != '{');
        int inside = tag + 2 + sign.length();
        switch (kind) {
            case '#' -> comment(inside);
            case '{' -> {
                add(Token.Kind.VARIABLE_BEGIN, "{{", inside);
                inside(Token.Kind.VARIABLE_END, "}}");
            }
            default -> {
                add(Token.Kind.BLOCK_BEGIN, "{%", inside);
                inside(Token.Kind.BLOCK_END, "%}");
            }
        }
    }

    private String signAt(int index) {
        return index < source.length() && "-+".indexOf(source.charAt(index)) >= 0
                ? source.substring(index, index + 1)
                : "";
    }

    /// The text up to a tag, without the white space that the tag takes away.
    private void data(int end, String sign, boolean block) {
        String text = source.substring(position, end);
        if (sign.equals("-")) {
            text = PythonText.stripTrailing(text);
        } else if (sign.isEmpty() && block) {
            int lineStart = text.lastIndexOf('\n') + 1;
            boolean beginsLine = lineStart > 0 || position == 0 || source.charAt(position - 1) == '\n';
            if (beginsLine && PythonText.isBlank(text.substring(lineStart))) {
                text = text.substring(0, lineStart);
            }
        }
        add(Token.Kind.DATA, text, end);
    }

    private void raw(Matcher begin) {
        int start = begin.group(2).isEmpty() ? begin.end() : skipSpace(begin.end());
        moveTo(start);
        Matcher end = RAW_END.matcher(source);
        if (!end.find(position)) {
            throw JinjaException.syntax(line, "'{% raw %}' is never closed by '{% endraw %}'");
        }
        data(end.start(), end.group(1), true);
        moveTo(afterTag(end.end(), end.group(2)));
    }

    private void comment(int inside) {
        int end = source.indexOf("#}", inside);
        if (end < 0) {
            throw JinjaException.syntax(line, "a comment is never closed by '#}'");
        }
        String sign = end > inside ? signAt(end - 1) : "";
        moveTo(afterTag(end + 2, sign));
    }

    /// Where the text goes on behind a block or comment that ended at `end` with that sign before its end.
    private int afterTag(int end, String sign) {
        if (sign.equals("-")) {
            return skipSpace(end);
        }
        return sign.isEmpty() && end < source.length() && source.charAt(end) == '\n' ? end + 1 : end;
    }

    private void inside(Token.Kind endKind, String endText) {
        brackets.clear();
        while (true) {
            moveTo(skipSpace(position));
            if (position >= source.length()) {
                throw JinjaException.syntax(line, "a tag is never closed by '" + endText + "'");
            }
            if (brackets.isEmpty() && closes(endKind, endText)) {
                return;
            }
            token();
        }
    }

    private boolean closes(Token.Kind endKind, String endText) {
        String sign = signAt(position);
        if (endKind == Token.Kind.VARIABLE_END && sign.equals("+")) {
            sign = "";
        }
        if (!source.startsWith(endText, position + sign.length())) {
            return false;
        }
        int end = position + sign.length() + 2;
        boolean keeps = endKind == Token.Kind.VARIABLE_END && sign.isEmpty();
        add(endKind, endText, keeps ? end : afterTag(end, sign));
        return true;
    }

    private void token() {
        boolean found = token(FLOAT, Token.Kind.FLOAT)
                || token(INTEGER, Token.Kind.INTEGER)
                || token(NAME, Token.Kind.NAME)
                || string()
                || operator();
        if (!found) {
            String character = new String(Character.toChars(source.codePointAt(position)));
            throw JinjaException.syntax(line, "the character '" + character + "' has no meaning here");
        }
    }

    private boolean token(Pattern pattern, Token.Kind kind) {
        Matcher matcher = match(pattern, position);
        if (matcher == null) {
            return false;
        }
        add(kind, matcher.group(), matcher.end());
        return true;
    }

    private boolean string() {
        Matcher matcher = match(STRING, position);
        if (matcher == null) {
            return false;
        }
        String body = matcher.group().substring(1, matcher.group().length() - 1);
        add(Token.Kind.STRING, Escapes.resolve(body, line), matcher.end());
        return true;
    }

    private boolean operator() {
        Matcher matcher = match(OPERATOR, position);
        if (matcher == null) {
            return false;
        }
        String operator = matcher.group();
        switch (operator) {
            case "(" -> brackets.push(")");
            case "[" -> brackets.push("]");
            case "{" -> brackets.push("}");
            case ")", "]", "}" -> {
                if (brackets.isEmpty() || !brackets.pop().equals(operator)) {
                    throw JinjaException.syntax(line, "'" + operator + "' closes nothing");
                }
            }
            default -> {}
        }
        add(Token.Kind.OPERATOR, operator, matcher.end());
        return true;
    }

    private @Nullable Matcher match(Pattern pattern, int from) {
        Matcher matcher = pattern.matcher(source).useTransparentBounds(true).region(from, source.length());
        return matcher.lookingAt() ? matcher : null;
    }

    private int skipSpace(int from) {
        int index = from;
        while (index < source.length() && PythonText.isSpace(source.charAt(index))) {
            index++;
        }
        return index;
    }

    private void add(Token.Kind kind, String text, int end) {
        if (kind != Token.Kind.DATA || !text.isEmpty()) {
            tokens.add(new Token(kind, text, line));
        }
        moveTo(end);
    }

    private void moveTo(int end) {
        position = end;
        for (; counted < end; counted++) {
            line += source.charAt(counted) == '\n' ? 1 : 0;
        }
    }
}
