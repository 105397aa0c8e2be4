package io.lorica.llm.tokenizer;

import java.util.Arrays;

/// Turns tokens into text as they come: whole code points only, so that pieces can be sent on at once.
///
/// Decoding a token needs its neighbours (bytes of one character, spaces between words), so each piece is the
/// difference between the text with and without the new tokens, counted from the last place where the text was whole.
public final class StreamingText {

    private static final char INCOMPLETE = '\uFFFD';
    // One token of context and four bytes, the most that a character has: what is not whole then never will be.
    private static final int MOST_PENDING = 5;

    private final Tokenizer tokenizer;
    private int[] pending = new int[0];
    private String emitted = "";

    public StreamingText(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// The characters that became complete with this token, empty where bytes are still missing.
    public String add(int id) {
        int[] tokens = Arrays.copyOf(pending, pending.length + 1);
        tokens[pending.length] = id;
        String text = tokenizer.decode(tokens);
        boolean incomplete = !text.isEmpty() && text.charAt(text.length() - 1) == INCOMPLETE;
        if (!text.startsWith(emitted) || (incomplete && tokens.length < MOST_PENDING)) {
            pending = tokens;
            return "";
        }
        String piece = text.substring(emitted.length());
        // The last token stays as context for the spacing of the next.
        pending = new int[] {id};
        emitted = tokenizer.decode(pending);
        if (emitted.indexOf(INCOMPLETE) >= 0) {
            pending = new int[0];
            emitted = "";
        }
        return piece;
    }
}
