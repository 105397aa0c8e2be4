package io.lorica.llm.jinja;

import java.util.List;

import org.jspecify.annotations.Nullable;

/// What a template does.
sealed interface Statement {

    /// Text as it stands.
    record Text(String text) implements Statement {}

    record Output(Expression value, int line) implements Statement {}

    /// The first branch whose test holds.
    record If(List<Branch> branches, List<Statement> otherwise) implements Statement {}

    record Branch(Expression test, List<Statement> body) {}

    record For(
            Target target,
            Expression iterable,
            @Nullable Expression filter,
            List<Statement> body,
            List<Statement> otherwise,
            boolean recursive,
            int line)
            implements Statement {}

    record Break() implements Statement {}

    record Continue() implements Statement {}

    record Assign(Target target, Expression value, int line) implements Statement {}

    /// The rendered body, perhaps through filters whose input is [#CAPTURED].
    record Capture(Target target, Expression value, List<Statement> body, int line) implements Statement {}

    record Macro(Signature signature, List<Statement> body) implements Statement {}

    /// Calls a macro whose `caller()` is the body.
    record CallBlock(Signature signature, Expression.Call call, List<Statement> body) implements Statement {}

    /// The rendered body through filters whose input is [#CAPTURED].
    record FilterBlock(Expression value, List<Statement> body, int line) implements Statement {}

    record With(List<Target> targets, List<Expression> values, List<Statement> body) implements Statement {}

    /// A body with names of its own, such as `{% generation %}`.
    record Scoped(List<Statement> body) implements Statement {}

    /// A macro's name and parameters, and which of `varargs`, `kwargs` and `caller` its body asks for.
    record Signature(
            String name, List<Parameter> parameters, boolean takesMore, boolean takesMoreNamed, boolean takesCaller) {}

    record Parameter(String name, @Nullable Expression otherwise) {}

    /// The name under which filters of a block find its text; no template can spell it.
    String CAPTURED = "{captured}";
}
