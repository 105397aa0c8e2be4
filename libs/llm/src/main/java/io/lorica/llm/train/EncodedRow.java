package io.lorica.llm.train;

import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A row as tokens, before it has to fit anywhere.
///
/// @param line the row's line in the uploaded file
/// @param prompt what is given
/// @param thinking the reasoning
/// @param answer the answer
/// @param endOfSequence the token that ends it
record EncodedRow(int line, int[] prompt, int[] thinking, int[] answer, int endOfSequence) {

    /// How many tokens the whole row has.
    int length() {
        return answerStart() + answer.length + 1;
    }

    /// Where the answer begins.
    int answerStart() {
        return prompt.length + thinking.length;
    }

    /// All tokens.
    int[] tokens() {
        return Stream.of(prompt, thinking, answer, new int[] {endOfSequence})
                .flatMapToInt((int[] part) -> IntStream.of(part))
                .toArray();
    }

    /// All tokens as far as that length goes, the last of them the end of sequence.
    int[] tokensUpTo(int length) {
        int[] tokens = Arrays.copyOf(tokens(), length);
        tokens[length - 1] = endOfSequence;
        return tokens;
    }
}
