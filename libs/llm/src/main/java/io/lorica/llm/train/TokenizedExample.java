package io.lorica.llm.train;

/// A row as tokens.
///
/// @param line the row's line in the uploaded file
/// @param tokens prompt, reasoning, answer, end of sequence
/// @param promptLength how many tokens at the beginning are given, not learned
/// @param answerStart the first token that belongs to the answer; reasoning lies between
/// @param cut whether text was left out to fit the sequence length
record TokenizedExample(int line, int[] tokens, int promptLength, int answerStart, boolean cut) {

    /// How many tokens are learned.
    int learned() {
        return tokens.length - promptLength;
    }
}
