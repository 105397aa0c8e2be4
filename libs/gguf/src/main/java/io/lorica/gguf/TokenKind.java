package io.lorica.gguf;

/// What a token of a vocabulary is for, by its number in `tokenizer.ggml.token_type`.
enum TokenKind {
    NONE,
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE;

    static TokenKind of(long number) {
        return number < 0 || number >= values().length ? NONE : values()[(int) number];
    }

    /// Tells whether it is no text, so that llama.cpp prints nothing for it.
    boolean silent() {
        return this == UNUSED || this == NONE;
    }

    /// Whether text that spells it becomes this token at once.
    boolean added() {
        return this == CONTROL || this == USER_DEFINED || this == UNKNOWN;
    }
}
