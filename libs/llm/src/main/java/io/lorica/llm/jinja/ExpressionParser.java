package io.lorica.llm.jinja;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/// Reads expressions, in jinja2's order of precedence: `if`, `or`, `and`, `not`, comparisons, `+ -`, `~`, `* / // %`,
/// `**`, signs, then attributes, items, calls, filters and tests.
final class ExpressionParser {

    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final TokenStream tokens;
    private final Deque<Set<String>> usedNames = new ArrayDeque<>();

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /// What `reader` reads, and the names that it used.
    <T> Used<T> noting(Supplier<T> reader) {
        usedNames.push(new HashSet<>());
        T read = reader.get();
        Set<String> names = usedNames.pop();
        if (!usedNames.isEmpty()) {
            usedNames.element().addAll(names);
        }
        return new Used<>(read, names);
    }

    /// Something read, and the names used in it.
    record Used<T>(T value, Set<String> names) {}

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
        return binary(() -> signed(true), Set.of("**"));
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
            case STRING -> new Expression.Constant(adjacentTexts(token.text()));
            case INTEGER -> new Expression.Constant(integer(token.text()));
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
                if (!usedNames.isEmpty()) {
                    usedNames.element().add(name);
                }
                yield new Expression.Name(name);
            }
        };
    }

    private String adjacentTexts(String first) {
        StringBuilder text = new StringBuilder(first);
        while (tokens.current().kind() == Token.Kind.STRING) {
            text.append(tokens.next().text());
        }
        return text.toString();
    }

    private static Object integer(String digits) {
        String plain = digits.replace("_", "");
        int radix = plain.length() < 3
                ? 10
                : switch (Character.toLowerCase(plain.charAt(1))) {
                    case 'x' -> 16;
                    case 'o' -> 8;
                    case 'b' -> 2;
                    default -> 10;
                };
        return Numbers.normal(new BigInteger(radix == 10 ? plain : plain.substring(2), radix));
    }

    private Expression display(Token token) {
        return switch (token.text()) {
            case "(" -> {
                Expression value = tuple(this::expression, true);
                tokens.expectOperator(")");
                yield value;
            }
            case "[" -> new Expression.ListDisplay(sequence("]", this::expression));
            case "{" -> new Expression.MappingDisplay(sequence("}", this::entry));
            default ->
                throw JinjaException.syntax(token.line(), "there is " + token.words() + " where a value should stand");
        };
    }

    private Expression.Entry entry() {
        Expression key = expression();
        tokens.expectOperator(":");
        return new Expression.Entry(key, expression());
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
                    of, new Expression.Constant(integer(tokens.next().text())), line);
        }
        return new Expression.Attribute(
                of, tokens.expect(Token.Kind.NAME, "a name").text(), line);
    }

    private Expression subscript(Expression of, int line) {
        Expression from = tokens.current().isOperator(":") ? null : expression();
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
        return token.isOperator(":") || token.isOperator("]") ? null : expression();
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
                morePositional = expression();
            } else if (tokens.skipOperator("**")) {
                moreNamed = expression();
            } else if (tokens.current().kind() == Token.Kind.NAME
                    && tokens.ahead().isOperator("=")) {
                String name = tokens.next().text();
                tokens.next();
                named.put(name, expression());
            } else if (named.isEmpty() && morePositional == null && moreNamed == null) {
                positional.add(expression());
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
            case NAME -> !Set.of("else", "or", "and", "is", "if", "in", "not").contains(token.text());
            case OPERATOR -> token.text().equals("[") || token.text().equals("{");
            case DATA, VARIABLE_BEGIN, VARIABLE_END, BLOCK_BEGIN, BLOCK_END, END -> false;
        };
        return operand
                ? new Expression.Passed(List.of(postfix(primary())), Map.of(), null, null)
                : Expression.Passed.NOTHING;
    }

    /// A target: a name, a namespace's attribute where they are allowed, or several of them.
    Target target(boolean namespaces) {
        List<Target> targets = new ArrayList<>();
        boolean comma = false;
        do {
            if (comma && !startsTarget()) {
                break;
            }
            targets.add(singleTarget(namespaces));
            comma |= tokens.current().isOperator(",");
        } while (tokens.skipOperator(","));
        return comma ? new Target.Unpacked(targets) : targets.getFirst();
    }

    private boolean startsTarget() {
        Token token = tokens.current();
        return token.isOperator("(") || (token.kind() == Token.Kind.NAME && !token.isName("in"));
    }

    private Target singleTarget(boolean namespaces) {
        if (tokens.skipOperator("(")) {
            Target inner = target(namespaces);
            tokens.expectOperator(")");
            return inner;
        }
        String name = tokens.expect(Token.Kind.NAME, "a name").text();
        if (namespaces && tokens.skipOperator(".")) {
            String attribute = tokens.expect(Token.Kind.NAME, "a name").text();
            return new Target.InNamespace(name, attribute);
        }
        return new Target.Named(name);
    }
}
