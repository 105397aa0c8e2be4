package io.lorica.inference.reasoning;

import java.util.List;

/// Looks for stop texts in text that comes in pieces, and holds back what may be the beginning of one, so that no part
/// of a stop text is ever given out.
final class StopTexts {

    private final List<String> texts;
    private String held = "";
    private boolean reached;

    StopTexts(List<String> texts) {
        this.texts = texts.stream().filter(text -> !text.isEmpty()).toList();
    }

    /// Takes a piece and gives the text that is safe by now.
    String add(String piece) {
        String text = held + piece;
        int end = firstStop(text);
        if (end >= 0) {
            reached = true;
            held = "";
            return text.substring(0, end);
        }
        int safe = text.length() - longestBeginning(text);
        held = text.substring(safe);
        return text.substring(0, safe);
    }

    /// Whether a stop text has appeared.
    boolean reached() {
        return reached;
    }

    /// The text held back, once no more will come.
    String rest() {
        String rest = held;
        held = "";
        return rest;
    }

    private int firstStop(String text) {
        return texts.stream()
                .mapToInt(text::indexOf)
                .filter(position -> position >= 0)
                .min()
                .orElse(-1);
    }

    /// How many characters at the end begin a stop text.
    private int longestBeginning(String text) {
        int longest = 0;
        for (String stop : texts) {
            for (int length = Math.min(stop.length() - 1, text.length()); length > longest; length--) {
                if (text.endsWith(stop.substring(0, length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
