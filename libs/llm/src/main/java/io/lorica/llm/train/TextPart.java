package io.lorica.llm.train;

/// What a token of a row belongs to.
enum TextPart {
    PROMPT,
    THINKING,
    /// The answer and the end of sequence behind it.
    ANSWER
}
