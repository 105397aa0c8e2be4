package io.lorica.llm.tokenizer;

import java.util.Arrays;
import java.util.OptionalInt;

/// Turns tokens into text as they come: whole characters only, so that pieces can be sent on at once. All pieces
/// together are the text of the tokens behind those that came before: `decode(before + tokens)` without its
/// beginning `decode(before)`.
///
/// Decoding a token needs its neighbours (bytes of one character, spaces between words), so each piece is the
/// difference of two texts. Tokens that are left out of a text are no neighbours.
public final class StreamingText {

    // Enough for the bytes of one character, and for the space before a word.
    private static final int CONTEXT = 8;

    private final Tokenizer tokenizer;
    private final TextWindow window;
    private final ByteRun run;

    /// The text of tokens that begin a text.
    public StreamingText(Tokenizer tokenizer) {
        this(tokenizer, new int[0]);
    }

    /// The text of tokens that go on behind others.
    ///
    /// @param before what is text already, such as the prompt
    public StreamingText(Tokenizer tokenizer, int[] before) {
        this.tokenizer = tokenizer;
        int[] seen =
                Arrays.stream(before).filter(id -> !tokenizer.leavesOut(id)).toArray();
        int end = seen.length;
        while (end > 0 && tokenizer.byteOf(seen[end - 1]).isPresent()) {
            end--;
        }
        int[] words = end == 0 ? seen : Arrays.copyOf(seen, end);
        this.window =
                new TextWindow(tokenizer, Arrays.copyOfRange(words, Math.max(0, words.length - CONTEXT), words.length));
        this.run = new ByteRun();
    }

    /// The characters that became complete with this token, empty where bytes are still missing.
    public String add(int id) {
        if (tokenizer.leavesOut(id)) {
            return "";
        }
        OptionalInt value = tokenizer.byteOf(id);
        if (value.isEmpty()) {
            return endOfRun() + window.add(id);
        }
        String before = run.isEmpty() ? window.end() : "";
        return before + run.add(id, value.getAsInt(), window);
    }

    /// What was kept back, once no more tokens come: bytes that became no character, as decoding reads them.
    public String end() {
        return endOfRun() + window.end();
    }

    private String endOfRun() {
        return run.isEmpty() ? "" : run.end(window);
    }
}
