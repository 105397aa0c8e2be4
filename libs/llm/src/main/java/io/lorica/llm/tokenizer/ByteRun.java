package io.lorica.llm.tokenizer;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Tokens of single bytes that follow each other. They are read together: as UTF-8 where all of them are, else each
/// as one replacement character. So a run is kept back while it may still be text.
final class ByteRun {

    // A text of single bytes alone is sent on all the same, so many bytes at a time.
    private static final int LONGEST = 64;
    private static final String REPLACEMENT = "\uFFFD";

    private enum State {
        TEXT,
        INCOMPLETE,
        BROKEN
    }

    private int[] ids = new int[0];
    private byte[] bytes = new byte[0];
    private State state = State.TEXT;

    boolean isEmpty() {
        return ids.length == 0;
    }

    /// The characters that are certain with this token.
    ///
    /// @param window what stands before the run
    String add(int id, int value, TextWindow window) {
        if (state == State.BROKEN) {
            return REPLACEMENT;
        }
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = id;
        bytes = Arrays.copyOf(bytes, ids.length);
        bytes[ids.length - 1] = (byte) value;
        state = state(bytes);
        if (state == State.BROKEN) {
            window.keepAsContextIfFirst(ids);
            return REPLACEMENT.repeat(ids.length);
        }
        return state == State.TEXT && ids.length >= LONGEST ? end(window) : "";
    }

    /// What was kept back, once something else follows or nothing does.
    String end(TextWindow window) {
        String text = switch (state) {
            case TEXT -> window.addWhole(ids);
            case INCOMPLETE -> {
                window.keepAsContextIfFirst(ids);
                yield REPLACEMENT.repeat(ids.length);
            }
            case BROKEN -> "";
        };
        ids = new int[0];
        bytes = new byte[0];
        state = State.TEXT;
        return text;
    }

    private static State state(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CoderResult result = StandardCharsets.UTF_8.newDecoder().decode(in, CharBuffer.allocate(bytes.length), false);
        if (result.isError()) {
            return State.BROKEN;
        }
        return in.hasRemaining() ? State.INCOMPLETE : State.TEXT;
    }
}
