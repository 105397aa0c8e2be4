package io.lorica.llm.train;

/// A row, or a piece of one, as the tokens of one sequence.
///
/// @param line the row's line in the uploaded file
/// @param tokens prompt, reasoning, answer, end of sequence
/// @param promptLength how many tokens the prompt has
/// @param answerStart the first token that belongs to the answer; reasoning lies between
/// @param learnedFrom the first token that is learned, at least 1, for the first has nothing before it to be told from
record TokenizedExample(int line, int[] tokens, int promptLength, int answerStart, int learnedFrom) {

    /// A row of which all but the prompt is learned.
    TokenizedExample(int line, int[] tokens, int promptLength, int answerStart) {
        this(line, tokens, promptLength, answerStart, Math.max(1, promptLength));
    }

    /// How many tokens are learned.
    int learned() {
        return tokens.length - learnedFrom;
    }

    /// What the token at that place belongs to.
    TextPart part(int position) {
        if (position < promptLength) {
            return TextPart.PROMPT;
        }
        return position < answerStart ? TextPart.THINKING : TextPart.ANSWER;
    }
}
