package io.lorica.llm.tokenizer;

import java.util.Arrays;
import java.util.stream.IntStream;

/// The last tokens of a text that grows: those whose text is sent already, as context, and those behind them. Only the
/// very last character can still be incomplete.
final class TextWindow {

    private static final char INCOMPLETE = '\uFFFD';
    // Bytes that make no text for that long are no longer context.
    private static final int LONGEST = 32;
    private static final int KEPT = 8;

    private final Tokenizer tokenizer;
    private int[] ids;
    private int contextEnd;
    private int emitted;

    TextWindow(Tokenizer tokenizer, int[] before) {
        this.tokenizer = tokenizer;
        this.ids = before.clone();
        this.contextEnd = ids.length;
        this.emitted = tokenizer.decode(ids).length();
    }

    /// The characters that became complete with this token.
    String add(int id) {
        ids = IntStream.concat(Arrays.stream(ids), IntStream.of(id)).toArray();
        String text = tokenizer.decode(ids);
        int end = endOfWhole(text);
        String piece = text.substring(Math.min(emitted, end), end);
        emitted = Math.max(emitted, end);
        if (end == text.length()) {
            keepFrom(contextEnd);
        } else if (ids.length >= LONGEST) {
            keepFrom(ids.length - KEPT);
        }
        return piece;
    }

    /// The text of tokens that are complete by themselves and stand behind all others.
    String addWhole(int[] tokens) {
        int[] all = IntStream.concat(Arrays.stream(ids), Arrays.stream(tokens)).toArray();
        String piece = tokenizer.decode(all).substring(tokenizer.decode(ids).length());
        keepAsContextIfFirst(tokens);
        return piece;
    }

    /// A text that has begun is not a beginning any more, where decoders leave out a space.
    void keepAsContextIfFirst(int[] tokens) {
        if (ids.length == 0) {
            ids = tokens.clone();
            contextEnd = ids.length;
            emitted = tokenizer.decode(ids).length();
        }
    }

    /// What was kept back.
    String end() {
        String text = tokenizer.decode(ids);
        String piece = text.substring(Math.min(emitted, text.length()));
        keepFrom(contextEnd);
        emitted = tokenizer.decode(ids).length();
        return piece;
    }

    private void keepFrom(int first) {
        if (first < ids.length) {
            ids = Arrays.copyOfRange(ids, first, ids.length);
        }
        contextEnd = ids.length;
        emitted = endOfWhole(tokenizer.decode(ids));
    }

    private static int endOfWhole(String text) {
        boolean open = !text.isEmpty() && text.charAt(text.length() - 1) == INCOMPLETE;
        return open ? text.length() - 1 : text.length();
    }
}
