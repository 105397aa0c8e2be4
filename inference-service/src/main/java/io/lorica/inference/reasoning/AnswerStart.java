package io.lorica.inference.reasoning;

/// Where an answer begins, as the end of its prompt says.
public enum AnswerStart {
    /// A new turn: it may begin with a chain of thought or with the answer.
    NEW_TURN,
    /// The prompt has opened the chain of thought.
    THINKING,
    /// The prompt has closed the chain of thought.
    AFTER_THINKING,
    /// The prompt ends within a chain of thought that is continued.
    CONTINUED_THINKING,
    /// The prompt ends within an answer that is continued.
    CONTINUED_ANSWER;

    /// The start behind a prompt that asks for a new turn.
    public static AnswerStart behind(String prompt) {
        String end = prompt.stripTrailing();
        if (end.endsWith(ReasoningSplitter.OPEN)) {
            return THINKING;
        }
        return end.endsWith(ReasoningSplitter.CLOSE) ? AFTER_THINKING : NEW_TURN;
    }

    /// The start behind a prompt that ends within a message.
    ///
    /// @param message what the message has said so far
    public static AnswerStart within(String message, String prompt) {
        AnswerStart start = behind(prompt);
        if (start != NEW_TURN || message.isBlank()) {
            return start;
        }
        return openThought(message) ? CONTINUED_THINKING : CONTINUED_ANSWER;
    }

    /// Tells whether a text ends within a chain of thought.
    public static boolean openThought(String text) {
        return text.lastIndexOf(ReasoningSplitter.OPEN) > text.lastIndexOf(ReasoningSplitter.CLOSE);
    }
}
