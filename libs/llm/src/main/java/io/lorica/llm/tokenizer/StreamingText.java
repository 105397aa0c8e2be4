package io.lorica.llm.tokenizer;

import java.util.Arrays;

/// Turns tokens into text as they come: whole code points only, so that pieces can be sent on at once.
///
/// Decoding a token needs its neighbours (bytes of one character, spaces between words; a token may even end one
/// character and begin the next). So each piece is the difference between the text with and without the new token,
/// counted
/// from before the last place where the text was whole. Only the very last character can still be incomplete.
public final class StreamingText {

    private static final char INCOMPLETE = '\uFFFD';
    // Bytes that make no text for that long never will; what they are read as is then settled.
    private static final int LONGEST_WINDOW = 32;

    private final Tokenizer tokenizer;
    private int[] window = new int[0];
    private int contextEnd;
    private int emitted;

    public StreamingText(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// The characters that became complete with this token, empty where bytes are still missing.
    public String add(int id) {
        window = Arrays.copyOf(window, window.length + 1);
        window[window.length - 1] = id;
        String text = tokenizer.decode(window);
        boolean whole =
                text.isEmpty() || text.charAt(text.length() - 1) != INCOMPLETE || window.length == LONGEST_WINDOW;
        int end = whole ? text.length() : text.length() - 1;
        String piece = text.substring(Math.min(emitted, end), end);
        emitted = Math.max(emitted, end);
        if (whole) {
            restart();
        }
        return piece;
    }

    /// What was kept back, once no more tokens come: bytes that became no character, as decoding reads them.
    public String end() {
        String text = tokenizer.decode(window);
        String piece = text.substring(Math.min(emitted, text.length()));
        emitted = text.length();
        return piece;
    }

    /// What came since the text was last whole stays, as context for what follows.
    private void restart() {
        window = Arrays.copyOfRange(window, contextEnd, window.length);
        contextEnd = window.length;
        emitted = tokenizer.decode(window).length();
    }
}
