package io.lorica.llm.generate;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// Tokenises prompts, at a cost that the model's context bounds and not the text: one that is far too long is refused
/// after its beginning.
///
/// @param piece gives the tokens of a piece of text
/// @param sequence gives the tokens of a text that begins a sequence
/// @param contextLength how many tokens prompt and answer may have together
record PromptTokens(Encoder piece, Encoder sequence, int contextLength) {

    /// Turns text into tokens.
    interface Encoder {
        int[] encode(String text);
    }

    /// How many characters are tokenised at once to find out whether a text is far too long.
    static final int SLICE = 1 << 14;

    /// A text's tokens differ from those of its slices only next to the cuts, by a few a slice. Twice the context
    /// is far from what a prompt that fits could come to.
    private static final int MARGIN = 2;

    /// The tokens of a prompt.
    ///
    /// @throws ProductException with `CONTEXT_LENGTH_EXCEEDED` when it leaves no room for an answer, with
    ///     `INVALID_REQUEST` when it has none
    int[] of(String prompt) {
        refuseFarTooLong(prompt);
        int[] tokens = sequence.encode(prompt);
        if (tokens.length == 0) {
            throw ProductException.of(ErrorCode.INVALID_REQUEST, "The prompt is empty. Send at least one character.");
        }
        if (tokens.length >= contextLength) {
            throw tooLong("The prompt has " + tokens.length + " tokens");
        }
        return tokens;
    }

    private void refuseFarTooLong(String prompt) {
        long limit = (long) MARGIN * contextLength;
        long counted = 0;
        // The last slice is left to the text as a whole.
        for (int from = 0; from + SLICE < prompt.length(); ) {
            int to = sliceEnd(prompt, from);
            counted += piece.encode(prompt.substring(from, to)).length;
            if (counted > limit) {
                throw tooLong("The prompt of " + prompt.length() + " characters has more than " + limit + " tokens");
            }
            from = to;
        }
    }

    private static int sliceEnd(String prompt, int from) {
        int to = from + SLICE;
        return Character.isHighSurrogate(prompt.charAt(to - 1)) ? to - 1 : to;
    }

    private ProductException tooLong(String finding) {
        return ProductException.of(
                ErrorCode.CONTEXT_LENGTH_EXCEEDED,
                finding + ", which leaves no room for an answer within the model's " + contextLength + ". Shorten it.");
    }
}
