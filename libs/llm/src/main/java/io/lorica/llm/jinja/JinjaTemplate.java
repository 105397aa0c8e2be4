package io.lorica.llm.jinja;

import java.time.Clock;
import java.util.List;
import java.util.Map;

/// A chat template, ready to render. Immutable.
public final class JinjaTemplate {

    private static final int LONGEST_SOURCE = 1 << 20;

    private final List<Statement> body;

    private JinjaTemplate(List<Statement> body) {
        this.body = body;
    }

    /// Reads a template.
    ///
    /// @throws JinjaException of kind `SYNTAX` or `LIMIT`
    public static JinjaTemplate parse(String source) {
        if (source.length() > LONGEST_SOURCE) {
            throw JinjaException.limit("the template has more than " + LONGEST_SOURCE + " characters");
        }
        try {
            return new JinjaTemplate(StatementParser.parse(source));
        } catch (StackOverflowError _) {
            throw JinjaException.limit("the template nests too deeply");
        }
    }

    /// The text for these variables: texts, numbers, truth values, nulls, and lists and maps of them.
    ///
    /// @param clock what `strftime_now` reads
    /// @throws JinjaException of any kind but `SYNTAX`
    public String render(Map<String, ?> variables, Clock clock) {
        Scope globals = new Scope(null);
        Globals.define(globals, clock);
        Scope context = globals.inner();
        variables.forEach((name, value) -> context.set(name, Values.of(value)));
        try {
            return Budget.within(() -> new Renderer().text(body, context.inner()));
        } catch (StackOverflowError _) {
            throw JinjaException.limit("the template nests too deeply");
        }
    }
}
