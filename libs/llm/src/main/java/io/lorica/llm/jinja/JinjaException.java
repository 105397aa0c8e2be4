package io.lorica.llm.jinja;

/// A template that cannot be read or rendered. The message is a sentence without its full stop.
public final class JinjaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// Whose fault it is.
    public enum Kind {
        /// The text is no template, or uses what chat templates have no use for.
        SYNTAX,
        /// The template and the values do not fit together.
        RENDERING,
        /// The template itself refused the values, by `raise_exception`.
        REFUSAL,
        /// The template asks for more steps, text or memory than a chat template needs.
        LIMIT
    }

    private final Kind kind;

    JinjaException(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    static JinjaException syntax(int line, String reason) {
        return new JinjaException(Kind.SYNTAX, "line " + line + ": " + reason);
    }

    static JinjaException rendering(String reason) {
        return new JinjaException(Kind.RENDERING, reason);
    }

    static JinjaException limit(String reason) {
        return new JinjaException(Kind.LIMIT, reason);
    }

    /// The same failure with the template's line, where it has none yet.
    JinjaException at(int line) {
        String message = String.valueOf(getMessage());
        if (kind == Kind.REFUSAL || message.startsWith("line ")) {
            return this;
        }
        JinjaException located = new JinjaException(kind, "line " + line + ": " + message);
        located.initCause(this);
        return located;
    }

    public Kind kind() {
        return kind;
    }
}
