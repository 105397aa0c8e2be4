package io.lorica.llm.jinja;

/// A piece of a template.
///
/// @param kind what it is
/// @param text data, name, unescaped text, digits or operator
/// @param line where it begins, from 1
record Token(Kind kind, String text, int line) {

    enum Kind {
        DATA,
        VARIABLE_BEGIN,
        VARIABLE_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind expected, String expectedText) {
        return kind == expected && text.equals(expectedText);
    }

    boolean isOperator(String operator) {
        return is(Kind.OPERATOR, operator);
    }

    boolean isName(String name) {
        return is(Kind.NAME, name);
    }

    /// The token in words, for complaints.
    String words() {
        return switch (kind) {
            case DATA -> "text";
            case VARIABLE_BEGIN -> "'{{'";
            case VARIABLE_END -> "'}}'";
            case BLOCK_BEGIN -> "'{%'";
            case BLOCK_END -> "'%}'";
            case NAME, INTEGER, FLOAT, OPERATOR -> "'" + text + "'";
            case STRING -> "a text in quotes";
            case END -> "the end of the template";
        };
    }
}
