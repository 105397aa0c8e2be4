package io.lorica.inference.reasoning;

import java.util.ArrayList;
import java.util.List;

/// The text of one answer as its tokens come: parted into reasoning and answer, and ended by stop texts. These count
/// from the answer on, unless the reasoning is to be searched too; then they are looked for in all that the model
/// writes, markers included. Not safe for several threads.
public final class AnswerText {

    private final ReasoningSplitter splitter;
    private final StopTexts stops;
    private final boolean stopInReasoning;

    /// @param start where the answer begins
    /// @param stopTexts texts that end the answer and are not part of it
    /// @param stopInReasoning whether they count in the chain of thought too
    public AnswerText(AnswerStart start, List<String> stopTexts, boolean stopInReasoning) {
        this.splitter = new ReasoningSplitter(start);
        this.stops = new StopTexts(stopTexts);
        this.stopInReasoning = stopInReasoning;
    }

    /// Tells whether the text is still in its reasoning.
    public boolean thinking() {
        return splitter.thinking();
    }

    /// Tells whether a stop text has ended the answer.
    public boolean stopped() {
        return stops.reached();
    }

    /// Takes the text of the next token and gives what is certain by now.
    ///
    /// @param last whether no more will come
    public List<ReasoningSplitter.Piece> take(String text, boolean last) {
        return stopInReasoning ? searchedWhole(text, last) : searchedAnswer(text, last);
    }

    private List<ReasoningSplitter.Piece> searchedWhole(String text, boolean last) {
        String safe = stops.add(text);
        boolean over = last || stops.reached();
        List<ReasoningSplitter.Piece> pieces = new ArrayList<>(splitter.feed(over ? safe + stops.rest() : safe));
        if (over) {
            pieces.addAll(splitter.finish());
        }
        return pieces;
    }

    private List<ReasoningSplitter.Piece> searchedAnswer(String text, boolean last) {
        List<ReasoningSplitter.Piece> parted = new ArrayList<>(splitter.feed(text));
        if (last) {
            parted.addAll(splitter.finish());
        }
        List<ReasoningSplitter.Piece> pieces = new ArrayList<>();
        for (ReasoningSplitter.Piece piece : parted) {
            switch (piece.kind()) {
                case REASONING -> pieces.add(piece);
                case ANSWER -> add(pieces, stops.reached() ? "" : stops.add(piece.text()));
            }
        }
        if (last) {
            add(pieces, stops.rest());
        }
        return pieces;
    }

    private static void add(List<ReasoningSplitter.Piece> pieces, String answer) {
        if (!answer.isEmpty()) {
            pieces.add(new ReasoningSplitter.Piece(ReasoningSplitter.Kind.ANSWER, answer));
        }
    }
}
