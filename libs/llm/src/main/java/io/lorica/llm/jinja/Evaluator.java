package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/// Gives expressions their values. Confined to one render.
final class Evaluator {

    Object value(Expression expression, Scope scope) {
        Budget.step();
        return switch (expression) {
            case Expression.Constant(Object value) -> value;
            case Expression.Name(String name) -> scope.get(name);
            case Expression.ListDisplay(List<Expression> elements) -> values(elements, scope);
            case Expression.TupleDisplay(List<Expression> elements) -> new Sequence.Tuple(values(elements, scope));
            case Expression.MappingDisplay(List<Expression.Entry> entries) -> mapping(entries, scope);
            case Expression.Attribute it ->
                located(it.line(), () -> Attributes.attribute(value(it.of(), scope), it.name()));
            case Expression.Item it ->
                located(it.line(), () -> Attributes.item(value(it.of(), scope), value(it.key(), scope)));
            case Expression.Slice it -> located(it.line(), () -> slice(it, scope));
            case Expression.Call it ->
                located(it.line(), () -> call(value(it.callee(), scope), arguments(it.passed(), scope)));
            case Expression.Filtered it -> located(it.line(), () -> filtered(it, scope));
            case Expression.Tested it -> located(it.line(), () -> tested(it, scope));
            case Expression.Not(Expression value) -> !isTrue(value, scope);
            case Expression.And(Expression left, Expression right) -> {
                Object first = value(left, scope);
                yield Values.isTrue(first) ? value(right, scope) : first;
            }
            case Expression.Or(Expression left, Expression right) -> {
                Object first = value(left, scope);
                yield Values.isTrue(first) ? first : value(right, scope);
            }
            case Expression.Signed it -> located(it.line(), () -> signed(it, scope));
            case Expression.Binary it ->
                located(
                        it.line(),
                        () -> Operators.calculate(it.operator(), value(it.left(), scope), value(it.right(), scope)));
            case Expression.Concatenation(List<Expression> parts) -> concatenation(parts, scope);
            case Expression.Comparison it -> located(it.line(), () -> comparison(it, scope));
            case Expression.Conditional it -> conditional(it, scope);
        };
    }

    boolean isTrue(Expression expression, Scope scope) {
        return Values.isTrue(value(expression, scope));
    }

    /// What can be computed.
    interface Computation<T> {
        T compute();
    }

    /// The value, or its failure with the line at which it happened.
    static <T> T located(int line, Computation<T> computation) {
        try {
            return computation.compute();
        } catch (JinjaException e) {
            throw e.at(line);
        }
    }

    private List<Object> values(List<Expression> expressions, Scope scope) {
        List<Object> values = new ArrayList<>();
        expressions.forEach(expression -> values.add(value(expression, scope)));
        return values;
    }

    private Map<Object, Object> mapping(List<Expression.Entry> entries, Scope scope) {
        Map<Object, Object> mapping = new LinkedHashMap<>();
        entries.forEach(entry -> mapping.put(value(entry.key(), scope), value(entry.value(), scope)));
        return mapping;
    }

    private Object slice(Expression.Slice slice, Scope scope) {
        return Attributes.slice(
                value(slice.of(), scope),
                orNone(slice.from(), scope),
                orNone(slice.to(), scope),
                orNone(slice.step(), scope));
    }

    private Object orNone(@Nullable Expression expression, Scope scope) {
        return expression == null ? None.NONE : value(expression, scope);
    }

    static Object call(Object callee, Arguments arguments) {
        if (callee instanceof Callable callable) {
            return callable.call(arguments);
        }
        throw Values.mismatch("only functions and macros can be called", callee);
    }

    Arguments arguments(Expression.Passed passed, Scope scope) {
        List<Object> positional = values(passed.positional(), scope);
        Map<String, Object> named = new LinkedHashMap<>();
        passed.named().forEach((name, expression) -> named.put(name, value(expression, scope)));
        if (passed.morePositional() != null) {
            positional.addAll(Values.elements(value(passed.morePositional(), scope)));
        }
        if (passed.moreNamed() != null && value(passed.moreNamed(), scope) instanceof Map<?, ?> more) {
            more.forEach((name, value) -> named.put(Values.text(name), value));
        }
        return new Arguments(positional, named);
    }

    private Object filtered(Expression.Filtered filtered, Scope scope) {
        Object input = value(filtered.input(), scope);
        return Filters.apply(filtered.name(), input, arguments(filtered.passed(), scope));
    }

    private Object tested(Expression.Tested tested, Scope scope) {
        Object value = value(tested.value(), scope);
        return Tests.holds(tested.name(), value, arguments(tested.passed(), scope));
    }

    private Object signed(Expression.Signed signed, Scope scope) {
        Object value = value(signed.value(), scope);
        if (!Numbers.isNumber(value)) {
            throw Values.mismatch("only a number has a sign", value);
        }
        return signed.negative() ? Numbers.negate(value) : value;
    }

    private Object concatenation(List<Expression> parts, Scope scope) {
        StringBuilder text = new StringBuilder();
        for (Expression part : parts) {
            String piece = PythonText.of(value(part, scope));
            Budget.grow(piece.length());
            text.append(piece);
        }
        return text.toString();
    }

    private Object comparison(Expression.Comparison comparison, Scope scope) {
        Object left = value(comparison.first(), scope);
        for (Expression.Operand operand : comparison.rest()) {
            Object right = value(operand.value(), scope);
            if (!Operators.compare(operand.operator(), left, right)) {
                return false;
            }
            left = right;
        }
        return true;
    }

    private Object conditional(Expression.Conditional conditional, Scope scope) {
        if (isTrue(conditional.test(), scope)) {
            return value(conditional.then(), scope);
        }
        Expression otherwise = conditional.otherwise();
        return otherwise == null
                ? new Undefined("the inline 'if' has no 'else', and its condition does not hold")
                : value(otherwise, scope);
    }
}
