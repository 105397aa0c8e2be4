package io.lorica.llm.train;

import java.util.Arrays;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.tokenizer.Tokenizer;

/// Turns rows into tokens. Prompt, reasoning and answer are encoded one by one: at serving time the prompt stands
/// alone, so its tokens must not depend on what follows it, and no token may belong to two kinds of text. Thread-safe.
final class ExampleTokenizer {

    private final Tokenizer tokenizer;

    /// @throws ProductException when the terminator is not the tokenizer's own end of sequence
    ExampleTokenizer(Tokenizer tokenizer, String terminator) {
        this.tokenizer = tokenizer;
        int[] encoded = tokenizer.encode(terminator);
        if (encoded.length != 1 || encoded[0] != tokenizer.eosId()) {
            throw ProductException.of(
                    ErrorCode.INVALID_REQUEST,
                    "The terminator '" + terminator + "' is not the model's end-of-sequence token, so answers would "
                            + "never learn to end. Use the end-of-sequence text of the model's tokenizer.");
        }
    }

    /// The tokens of a row.
    EncodedRow encode(TrainingExample example) {
        String text = example.text();
        int[] prompt = tokenizer.encodeSequence(text.substring(0, example.promptEnd()));
        int[] thinking = tokenizer.encodeBehind(prompt, text.substring(example.promptEnd(), example.thinkingEnd()));
        int[] answer = tokenizer.encodeBehind(
                thinking.length == 0 ? prompt : thinking, text.substring(example.thinkingEnd(), example.answerEnd()));
        return new EncodedRow(example.line(), prompt, thinking, withoutEnd(answer), tokenizer.eosId());
    }

    /// An answer that was written with its end is to learn one end, not two.
    private int[] withoutEnd(int[] answer) {
        int length = answer.length;
        while (length > 0 && answer[length - 1] == tokenizer.eosId()) {
            length--;
        }
        return Arrays.copyOf(answer, length);
    }
}
