package io.lorica.llm.train;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.tokenizer.Tokenizer;

/// Turns rows into tokens. Prompt, reasoning and answer are encoded one by one: at serving time the prompt stands
/// alone, so its tokens must not depend on what follows it, and no token may belong to two kinds of text.
final class ExampleTokenizer {

    private final Tokenizer tokenizer;
    private final int maxLength;

    /// @throws ProductException when the terminator is not the tokenizer's own end of sequence
    ExampleTokenizer(Tokenizer tokenizer, String terminator, int maxLength) {
        this.tokenizer = tokenizer;
        this.maxLength = maxLength;
        int[] encoded = tokenizer.encode(terminator);
        if (encoded.length != 1 || encoded[0] != tokenizer.eosId()) {
            throw ProductException.of(
                    ErrorCode.INVALID_REQUEST,
                    "The terminator '" + terminator + "' is not the model's end-of-sequence token, so answers would "
                            + "never learn to end. Use the end-of-sequence text of the model's tokenizer.");
        }
    }

    /// The tokens of a row; the end of sequence is always the last, whatever had to be cut.
    TokenizedExample tokenize(TrainingExample example) {
        String text = example.text();
        int[] prompt = tokenizer.encodeSequence(text.substring(0, example.promptEnd()));
        int[] thinking = tokenizer.encode(text.substring(example.promptEnd(), example.thinkingEnd()));
        int[] answer = tokenizer.encode(text.substring(example.thinkingEnd(), example.answerEnd()));
        int full = prompt.length + thinking.length + answer.length + 1;
        int[] tokens = new int[Math.min(full, maxLength)];
        int position = append(tokens, 0, prompt);
        // The first token has nothing before it that could predict it.
        int promptLength = Math.max(1, position);
        position = append(tokens, position, thinking);
        int answerStart = position;
        append(tokens, position, answer);
        tokens[tokens.length - 1] = tokenizer.eosId();
        return new TokenizedExample(example.line(), tokens, promptLength, answerStart, full > maxLength);
    }

    /// Copies what fits before the last place, which is the end of sequence's.
    private static int append(int[] target, int position, int[] source) {
        int count = Math.min(source.length, target.length - 1 - position);
        System.arraycopy(source, 0, target, position, count);
        return position + count;
    }
}
