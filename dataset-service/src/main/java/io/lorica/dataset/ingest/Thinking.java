package io.lorica.dataset.ingest;

import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;

/// Takes an assistant's text apart into reasoning and answer at `<think>` and `</think>`.
final class Thinking {

    private static final String OPEN = "<think>";
    private static final String CLOSE = "</think>";

    private Thinking() {}

    /// An assistant's turn from text that may begin with its reasoning. A text that only closes the reasoning is what
    /// the R1 models write, because their prompt has already opened it.
    static Message assistant(String text) {
        String stripped = text.strip();
        int close = stripped.indexOf(CLOSE);
        if (close < 0) {
            return Message.of(Role.ASSISTANT, text);
        }
        int begin = stripped.startsWith(OPEN) ? OPEN.length() : 0;
        return new Message(
                Role.ASSISTANT,
                stripped.substring(close + CLOSE.length()).strip(),
                stripped.substring(begin, close).strip());
    }

    /// Whether the text holds a mark that would be taken for the beginning or the end of reasoning.
    static boolean isMarked(String text) {
        return text.contains(OPEN) || text.contains(CLOSE);
    }
}
