package io.lorica.llm.jinja;

import java.util.List;

/// Tokens, read one after the other.
final class TokenStream {

    private final List<Token> tokens;
    private int position;

    TokenStream(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token current() {
        return tokens.get(position);
    }

    /// The token behind the current one.
    Token ahead() {
        return tokens.get(Math.min(position + 1, tokens.size() - 1));
    }

    /// The current token; goes on to the next.
    Token next() {
        Token token = current();
        position = Math.min(position + 1, tokens.size() - 1);
        return token;
    }

    boolean skipOperator(String operator) {
        return skip(current().isOperator(operator));
    }

    boolean skipName(String name) {
        return skip(current().isName(name));
    }

    private boolean skip(boolean matches) {
        if (matches) {
            next();
        }
        return matches;
    }

    Token expect(Token.Kind kind, String words) {
        if (current().kind() != kind) {
            throw unexpected(words);
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    JinjaException unexpected(String wanted) {
        return JinjaException.syntax(
                current().line(), "there is " + current().words() + " where " + wanted + " should stand");
    }
}
