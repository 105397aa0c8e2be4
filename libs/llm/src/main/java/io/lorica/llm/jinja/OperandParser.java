package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/// Reads one operand of an expression: a name, a value or an expression in brackets, its sign, and the attributes,
/// items,
/// calls, filters and tests behind it.
final class OperandParser {

    private static final Set<String> NO_OPERANDS = Set.of("else", "or", "and", "is", "if", "in", "not");

    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private final UsedNames usedNames;

    OperandParser(TokenStream tokens, ExpressionParser expressions, UsedNames usedNames) {
        this.tokens = tokens;
        this.expressions = expressions;
        this.usedNames = usedNames;
    }

    /// One operand: a value with its sign, and what follows it.
    Expression operand() {
        return signed(true);
    }

    private Expression signed(boolean withFilters) {
        Token token = tokens.current();
        Expression value;
        if (tokens.skipOperator("-") || tokens.skipOperator("+")) {
            value = new Expression.Signed(signed(false), token.isOperator("-"), token.line());
        } else {
            value = primary();
        }
        value = postfix(value);
        return withFilters ? filtersAndTests(value) : value;
    }

    private Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case NAME -> name(token.text());
            case STRING -> new Expression.Constant(Literals.adjacentTexts(token.text(), tokens));
            case INTEGER -> new Expression.Constant(Literals.integer(token.text()));
            case FLOAT -> new Expression.Constant(Double.valueOf(token.text().replace("_", "")));
            case OPERATOR -> display(token);
            case DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, END ->
                throw JinjaException.syntax(token.line(), "there is " + token.words() + " where a value should stand");
        };
    }

    private Expression name(String name) {
        return switch (name) {
            case "true", "True" -> new Expression.Constant(true);
            case "false", "False" -> new Expression.Constant(false);
            case "none", "None" -> new Expression.Constant(None.NONE);
            default -> {
                usedNames.add(name);
                yield new Expression.Name(name);
            }
        };
    }

    private Expression display(Token token) {
        return switch (token.text()) {
            case "(" -> {
                Expression value = expressions.tupleInParentheses();
                tokens.expectOperator(")");
                yield value;
            }
            case "[" -> new Expression.ListDisplay(sequence("]", expressions::expression));
            case "{" -> new Expression.MappingDisplay(sequence("}", this::entry));
            default ->
                throw JinjaException.syntax(token.line(), "there is " + token.words() + " where a value should stand");
        };
    }

    private Expression.Entry entry() {
        Expression key = expressions.expression();
        tokens.expectOperator(":");
        return new Expression.Entry(key, expressions.expression());
    }

    private <T> List<T> sequence(String end, Supplier<T> element) {
        List<T> elements = new ArrayList<>();
        while (!tokens.skipOperator(end)) {
            if (!elements.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator(end)) {
                    break;
                }
            }
            elements.add(element.get());
        }
        return elements;
    }

    private Expression postfix(Expression start) {
        Expression value = start;
        while (tokens.current().kind() == Token.Kind.OPERATOR) {
            int line = tokens.current().line();
            if (tokens.skipOperator(".")) {
                value = attribute(value, line);
            } else if (tokens.skipOperator("[")) {
                value = subscript(value, line);
            } else if (tokens.current().isOperator("(")) {
                value = new Expression.Call(value, passed(), line);
            } else {
                break;
            }
        }
        return value;
    }

    private Expression attribute(Expression of, int line) {
        if (tokens.current().kind() == Token.Kind.INTEGER) {
            return new Expression.Item(
                    of, new Expression.Constant(Literals.integer(tokens.next().text())), line);
        }
        return new Expression.Attribute(
                of, tokens.expect(Token.Kind.NAME, "a name").text(), line);
    }

    private Expression subscript(Expression of, int line) {
        Expression from = tokens.current().isOperator(":") ? null : expressions.expression();
        if (tokens.skipOperator("]") && from != null) {
            return new Expression.Item(of, from, line);
        }
        tokens.expectOperator(":");
        Expression to = bound();
        Expression step = tokens.skipOperator(":") ? bound() : null;
        tokens.expectOperator("]");
        return new Expression.Slice(of, from, to, step, line);
    }

    private @Nullable Expression bound() {
        Token token = tokens.current();
        return token.isOperator(":") || token.isOperator("]") ? null : expressions.expression();
    }
    /// What stands in the parentheses of a call.
    Expression.Passed passed() {
        tokens.expectOperator("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression morePositional = null;
        Expression moreNamed = null;
        boolean first = true;
        while (!tokens.skipOperator(")")) {
            if (!first) {
                tokens.expectOperator(",");
                if (tokens.skipOperator(")")) {
                    break;
                }
            }
            first = false;
            if (tokens.skipOperator("*")) {
                morePositional = expressions.expression();
            } else if (tokens.skipOperator("**")) {
                moreNamed = expressions.expression();
            } else if (tokens.current().kind() == Token.Kind.NAME
                    && tokens.ahead().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expressions.expression());
            } else if (named.isEmpty() && morePositional == null && moreNamed == null) {
                positional.add(expressions.expression());
            } else {
                throw tokens.unexpected("a named argument");
            }
        }
        return new Expression.Passed(positional, named, morePositional, moreNamed);
    }

    private Expression filtersAndTests(Expression start) {
        Expression value = start;
        while (true) {
            if (tokens.current().isOperator("|")) {
                value = filters(value);
            } else if (tokens.current().isOperator("(")) {
                int line = tokens.current().line();
                value = new Expression.Call(value, passed(), line);
            } else if (tokens.skipName("is")) {
                value = test(value);
            } else {
                return value;
            }
        }
    }

    /// The value through each of the filters that follow.
    Expression filters(Expression start) {
        Expression value = start;
        while (tokens.skipOperator("|")) {
            value = filter(value);
        }
        return value;
    }

    /// The value through the filter whose name comes next.
    Expression filter(Expression value) {
        Token name = tokens.expect(Token.Kind.NAME, "a filter's name");
        Expression.Passed passed = tokens.current().isOperator("(") ? passed() : Expression.Passed.NOTHING;
        return new Expression.Filtered(value, name.text(), passed, name.line());
    }

    private Expression test(Expression value) {
        boolean negated = tokens.skipName("not");
        Token name = tokens.expect(Token.Kind.NAME, "a test's name");
        Expression test = new Expression.Tested(value, name.text(), testPassed(), name.line());
        return negated ? new Expression.Not(test) : test;
    }

    private Expression.Passed testPassed() {
        Token token = tokens.current();
        if (token.isOperator("(")) {
            return passed();
        }
        boolean operand = switch (token.kind()) {
            case STRING, INTEGER, FLOAT -> true;
            case NAME -> !NO_OPERANDS.contains(token.text());
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            case DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
        return operand
                ? new Expression.Passed(List.of(postfix(primary())), Map.of(), null, null)
                : Expression.Passed.NOTHING;
    }
}
