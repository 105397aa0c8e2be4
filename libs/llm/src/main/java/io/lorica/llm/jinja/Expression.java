package io.lorica.llm.jinja;

import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// What has a value.
sealed interface Expression {

    record Constant(Object value) implements Expression {}

    record Name(String name) implements Expression {}

    record ListDisplay(List<Expression> elements) implements Expression {}

    record TupleDisplay(List<Expression> elements) implements Expression {}

    record MappingDisplay(List<Entry> entries) implements Expression {}

    /// One pair of a mapping's display.
    record Entry(Expression key, Expression value) {}

    /// `of.name`
    record Attribute(Expression of, String name, int line) implements Expression {}

    /// `of[key]`
    record Item(Expression of, Expression key, int line) implements Expression {}

    /// `of[from:to:step]`
    record Slice(
            Expression of,
            @Nullable Expression from,
            @Nullable Expression to,
            @Nullable Expression step,
            int line) implements Expression {}

    /// `callee(arguments)`
    record Call(Expression callee, Passed passed, int line) implements Expression {}

    /// `input|name(arguments)`
    record Filtered(Expression input, String name, Passed passed, int line) implements Expression {}

    /// `value is name(arguments)`
    record Tested(Expression value, String name, Passed passed, int line) implements Expression {}

    record Not(Expression value) implements Expression {}

    record And(Expression left, Expression right) implements Expression {}

    record Or(Expression left, Expression right) implements Expression {}

    /// `-value`, or `+value`
    record Signed(Expression value, boolean negative, int line) implements Expression {}

    /// Arithmetic: `+ - * / // % **`
    record Binary(String operator, Expression left, Expression right, int line) implements Expression {}

    /// `first ~ second ~ …`
    record Concatenation(List<Expression> parts) implements Expression {}

    /// `first < second <= third …`
    record Comparison(Expression first, List<Operand> rest, int line) implements Expression {}

    /// One further operand of a comparison; operators are `== != < <= > >= in`, and `not in`.
    record Operand(String operator, Expression value) {}

    /// `then if test else otherwise`
    record Conditional(
            Expression test, Expression then, @Nullable Expression otherwise) implements Expression {}

    /// What is passed to a call, a filter or a test.
    record Passed(
            List<Expression> positional,
            Map<String, Expression> named,
            @Nullable Expression morePositional,
            @Nullable Expression moreNamed) {

        static final Passed NOTHING = new Passed(List.of(), Map.of(), null, null);
    }
}
