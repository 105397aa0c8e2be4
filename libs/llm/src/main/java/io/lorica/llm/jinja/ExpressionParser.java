package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/// Reads expressions, in jinja2's order of precedence: `if`, `or`, `and`, `not`, comparisons, `+ -`, `~`, `* / // %`,
/// `**`, and what [OperandParser] reads.
final class ExpressionParser {

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream tokens;
    private final OperandParser operands;

    ExpressionParser(TokenStream tokens, UsedNames usedNames) {
        this.tokens = tokens;
        this.operands = new OperandParser(tokens, this, usedNames);
    }

    OperandParser operands() {
        return operands;
    }

    Expression expression() {
        Expression value = or();
        while (tokens.skipName("if")) {
            Expression test = or();
            value = new Expression.Conditional(test, value, tokens.skipName("else") ? expression() : null);
        }
        return value;
    }

    /// An expression, or several that make a tuple, up to the end of the tag or one of the names.
    Expression tuple(boolean conditional, String... ends) {
        return tuple(conditional ? this::expression : this::or, false, ends);
    }

    /// What stands in parentheses: an expression, or a tuple, perhaps an empty one.
    Expression tupleInParentheses() {
        return tuple(this::expression, true);
    }

    private Expression tuple(Supplier<Expression> element, boolean mayBeEmpty, String... ends) {
        List<Expression> elements = new ArrayList<>();
        boolean comma = false;
        while (!atTupleEnd(ends)) {
            elements.add(element.get());
            if (!tokens.current().isOperator(",")) {
                break;
            }
            comma = true;
            tokens.next();
        }
        if (comma || (elements.isEmpty() && mayBeEmpty)) {
            return new Expression.TupleDisplay(elements);
        }
        if (elements.isEmpty()) {
            throw tokens.unexpected("a value");
        }
        return elements.getFirst();
    }

    private boolean atTupleEnd(String... ends) {
        Token token = tokens.current();
        if (token.kind() == Token.Kind.VARIABLE_END || token.kind() == Token.Kind.BLOCK_END || token.isOperator(")")) {
            return true;
        }
        for (String end : ends) {
            if (token.isName(end)) {
                return true;
            }
        }
        return false;
    }

    private Expression or() {
        Expression left = and();
        while (tokens.skipName("or")) {
            left = new Expression.Or(left, and());
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.skipName("and")) {
            left = new Expression.And(left, not());
        }
        return left;
    }

    private Expression not() {
        return tokens.skipName("not") ? new Expression.Not(not()) : comparison();
    }

    private Expression comparison() {
        int line = tokens.current().line();
        Expression first = sum();
        List<Expression.Operand> rest = new ArrayList<>();
        for (String operator = comparator(); operator != null; operator = comparator()) {
            rest.add(new Expression.Operand(operator, sum()));
        }
        return rest.isEmpty() ? first : new Expression.Comparison(first, rest, line);
    }

    private @Nullable String comparator() {
        Token token = tokens.current();
        if (token.kind() == Token.Kind.OPERATOR && COMPARISONS.contains(token.text())) {
            return tokens.next().text();
        }
        if (tokens.skipName("in")) {
            return "in";
        }
        if (token.isName("not") && tokens.ahead().isName("in")) {
            tokens.next();
            tokens.next();
            return "not in";
        }
        return null;
    }

    private Expression sum() {
        return binary(this::concatenation, Set.of("+", "-"));
    }

    private Expression concatenation() {
        List<Expression> parts = new ArrayList<>(List.of(product()));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return parts.size() == 1 ? parts.getFirst() : new Expression.Concatenation(parts);
    }

    private Expression product() {
        return binary(this::power, Set.of("*", "/", "//", "%"));
    }

    private Expression power() {
        return binary(operands::operand, Set.of("**"));
    }

    private Expression binary(Supplier<Expression> operand, Set<String> operators) {
        Expression left = operand.get();
        while (tokens.current().kind() == Token.Kind.OPERATOR
                && operators.contains(tokens.current().text())) {
            Token operator = tokens.next();
            left = new Expression.Binary(operator.text(), left, operand.get(), operator.line());
        }
        return left;
    }
}
