package io.lorica.llm.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Reads a template's statements.
final class StatementParser {

    private static final Set<String> OTHER_TEMPLATES = Set.of("include", "extends", "import", "from");

    private final TokenStream tokens;
    private final UsedNames usedNames = new UsedNames();
    private final ExpressionParser expressions;
    private final TargetParser targets;

    private StatementParser(TokenStream tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens, usedNames);
        this.targets = new TargetParser(tokens);
    }

    /// @throws JinjaException of kind `SYNTAX`
    static List<Statement> parse(String source) {
        StatementParser parser = new StatementParser(new TokenStream(Lexer.tokens(source)));
        return parser.body();
    }

    /// Statements up to one of the tags named, which stays the current token; without any, up to the template's end.
    private List<Statement> body(String... ends) {
        List<Statement> body = new ArrayList<>();
        while (true) {
            Token token = tokens.next();
            switch (token.kind()) {
                case DATA -> body.add(new Statement.Text(token.text()));
                case VARIABLE_BEGIN -> {
                    body.add(new Statement.Output(expressions.tuple(true), token.line()));
                    tokens.expect(Token.Kind.VARIABLE_END, "'}}'");
                }
                case BLOCK_BEGIN -> {
                    if (atEnd(ends)) {
                        return body;
                    }
                    body.add(statement());
                    tokens.expect(Token.Kind.BLOCK_END, "'%}'");
                }
                case END -> {
                    if (ends.length > 0) {
                        throw JinjaException.syntax(token.line(), "'" + ends[0] + "' is missing");
                    }
                    return body;
                }
                case VARIABLE_END, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR ->
                    throw JinjaException.syntax(token.line(), "there is " + token.words() + " outside of a tag");
            }
        }
    }

    private boolean atEnd(String... ends) {
        for (String end : ends) {
            if (tokens.current().isName(end)) {
                return true;
            }
        }
        return false;
    }

    private List<Statement> block(String... ends) {
        tokens.skipOperator(":");
        tokens.expect(Token.Kind.BLOCK_END, "'%}'");
        return body(ends);
    }

    /// A block whose only end is the tag named.
    private List<Statement> blockTo(String end) {
        List<Statement> body = block(end);
        tokens.expectName(end);
        return body;
    }

    private Statement statement() {
        Token tag = tokens.expect(Token.Kind.NAME, "a tag's name");
        return switch (tag.text()) {
            case "if" -> ifBlock();
            case "for" -> forBlock(tag.line());
            case "break" -> new Statement.Break();
            case "continue" -> new Statement.Continue();
            case "set" -> set(tag.line());
            case "macro" -> macro();
            case "call" -> callBlock(tag.line());
            case "filter" ->
                new Statement.FilterBlock(
                        operands().filters(operands().filter(captured())), blockTo("endfilter"), tag.line());
            case "with" -> with();
            case "print" -> new Statement.Output(expressions.tuple(true), tag.line());
            case "generation" -> new Statement.Scoped(blockTo("endgeneration"));
            case "block" -> namedBlock();
            default -> throw JinjaException.syntax(tag.line(), unknown(tag.text()));
        };
    }

    private static String unknown(String tag) {
        return OTHER_TEMPLATES.contains(tag)
                ? "'" + tag + "' needs other templates, and a chat template stands alone"
                : "'" + tag + "' is no tag, or not one that can stand here";
    }

    private OperandParser operands() {
        return expressions.operands();
    }

    private static Expression captured() {
        return new Expression.Name(Statement.CAPTURED);
    }

    private Statement ifBlock() {
        List<Statement.Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        do {
            Expression test = expressions.tuple(false);
            branches.add(new Statement.Branch(test, block("elif", "else", "endif")));
        } while (tokens.skipName("elif"));
        if (tokens.skipName("else")) {
            otherwise = block("endif");
        }
        tokens.expectName("endif");
        return new Statement.If(branches, otherwise);
    }

    private Statement forBlock(int line) {
        Target target = targets.target(false);
        tokens.expectName("in");
        Expression iterable = expressions.tuple(false, "recursive", "if");
        Expression filter = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        List<Statement> body = block("else", "endfor");
        List<Statement> otherwise = tokens.skipName("else") ? block("endfor") : List.of();
        tokens.expectName("endfor");
        return new Statement.For(target, iterable, filter, body, otherwise, recursive, line);
    }

    private Statement set(int line) {
        Target target = targets.target(true);
        if (tokens.skipOperator("=")) {
            return new Statement.Assign(target, expressions.tuple(true), line);
        }
        Expression value = operands().filters(captured());
        return new Statement.Capture(target, value, blockTo("endset"), line);
    }

    private Statement macro() {
        String name = tokens.expect(Token.Kind.NAME, "the macro's name").text();
        List<Statement.Parameter> parameters = parameters();
        var body = usedNames.noting(() -> blockTo("endmacro"));
        return new Statement.Macro(signature(name, parameters, body.names()), body.value());
    }

    private Statement callBlock(int line) {
        List<Statement.Parameter> parameters = tokens.current().isOperator("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Expression.Call call)) {
            throw JinjaException.syntax(line, "'call' needs a macro's call");
        }
        var body = usedNames.noting(() -> blockTo("endcall"));
        return new Statement.CallBlock(signature("caller", parameters, body.names()), call, body.value());
    }

    private static Statement.Signature signature(String name, List<Statement.Parameter> parameters, Set<String> used) {
        return new Statement.Signature(
                name, parameters, used.contains("varargs"), used.contains("kwargs"), used.contains("caller"));
    }

    private List<Statement.Parameter> parameters() {
        List<Statement.Parameter> parameters = new ArrayList<>();
        tokens.expectOperator("(");
        while (!tokens.skipOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            String name = tokens.expect(Token.Kind.NAME, "a parameter's name").text();
            parameters.add(new Statement.Parameter(name, tokens.skipOperator("=") ? expressions.expression() : null));
        }
        return parameters;
    }

    private Statement with() {
        List<Target> names = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (tokens.current().kind() != Token.Kind.BLOCK_END) {
            if (!names.isEmpty()) {
                tokens.expectOperator(",");
            }
            names.add(new Target.Named(tokens.expect(Token.Kind.NAME, "a name").text()));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statement.With(names, values, blockTo("endwith"));
    }

    private Statement namedBlock() {
        String name = tokens.expect(Token.Kind.NAME, "the block's name").text();
        tokens.skipName("scoped");
        List<Statement> body = blockTo("endblock");
        tokens.skipName(name);
        return new Statement.Scoped(body);
    }
}
