package io.lorica.inference.reasoning;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/// Parts a stream of text into reasoning and answer at `</think>`. White space around the reasoning and line breaks
/// in front of the answer behind it belong to neither; an answer without reasoning is left as it is. A marker may
/// arrive in pieces: whatever could still become one is held back. Not safe for several threads.
public final class ReasoningSplitter {

    static final String OPEN = "<think>";
    static final String CLOSE = "</think>";

    /// What a piece of text is.
    public enum Kind {
        /// A part of the chain of thought.
        REASONING,
        /// A part of the answer.
        ANSWER
    }

    /// @param kind what the text is
    /// @param text never empty
    public record Piece(Kind kind, String text) {}

    /// Where the stream is.
    private enum Place {
        START,
        THINKING,
        ANSWER
    }

    private final StringBuilder held = new StringBuilder();
    private Place place;
    private boolean atStart;

    /// @param start where the answer begins
    public ReasoningSplitter(AnswerStart start) {
        this.place = switch (start) {
            case NEW_TURN -> Place.START;
            case THINKING, CONTINUED_THINKING -> Place.THINKING;
            case AFTER_THINKING, CONTINUED_ANSWER -> Place.ANSWER;
        };
        this.atStart = start == AnswerStart.THINKING || start == AnswerStart.AFTER_THINKING;
    }

    /// Whether the stream is still in its reasoning.
    public boolean thinking() {
        return place == Place.THINKING;
    }

    /// Takes the next text and gives what is certain by now.
    public List<Piece> feed(String text) {
        held.append(text);
        List<Piece> pieces = new ArrayList<>();
        drain(pieces, false);
        return pieces;
    }

    /// Gives what was held back; the stream has ended.
    public List<Piece> finish() {
        List<Piece> pieces = new ArrayList<>();
        drain(pieces, true);
        return pieces;
    }

    private void drain(List<Piece> pieces, boolean ended) {
        if (place == Place.START) {
            leaveStart(ended);
        }
        if (place == Place.THINKING) {
            think(pieces, ended);
        }
        if (place == Place.ANSWER) {
            answer(pieces);
        }
    }

    private void leaveStart(boolean ended) {
        String text = held.toString().stripLeading();
        if (text.startsWith(OPEN)) {
            held.setLength(0);
            held.append(text, OPEN.length(), text.length());
            place = Place.THINKING;
            atStart = true;
        } else if (ended || !OPEN.startsWith(text)) {
            place = Place.ANSWER;
        }
    }

    private void think(List<Piece> pieces, boolean ended) {
        skipWhile(Character::isWhitespace);
        int close = held.indexOf(CLOSE);
        if (close >= 0) {
            emit(pieces, Kind.REASONING, held.substring(0, close).stripTrailing());
            held.delete(0, close + CLOSE.length());
            place = Place.ANSWER;
            atStart = true;
            return;
        }
        int certain = ended ? held.toString().stripTrailing().length() : certainLength();
        emit(pieces, Kind.REASONING, held.substring(0, certain));
        held.delete(0, ended ? held.length() : certain);
    }

    private void answer(List<Piece> pieces) {
        skipWhile(character -> character == '\n' || character == '\r');
        emit(pieces, Kind.ANSWER, held.toString());
        held.setLength(0);
    }

    // Without what could be the beginning of the marker, and without white space that may stand in front of it.
    private int certainLength() {
        int length = held.length();
        for (int tail = Math.min(CLOSE.length() - 1, length); tail > 0; tail--) {
            if (CLOSE.startsWith(held.substring(length - tail))) {
                length -= tail;
                break;
            }
        }
        while (length > 0 && Character.isWhitespace(held.charAt(length - 1))) {
            length--;
        }
        return length;
    }

    private void skipWhile(IntPredicate space) {
        int count = 0;
        while (atStart && count < held.length() && space.test(held.charAt(count))) {
            count++;
        }
        held.delete(0, count);
    }

    private void emit(List<Piece> pieces, Kind kind, String text) {
        if (!text.isEmpty()) {
            atStart = false;
            pieces.add(new Piece(kind, text));
        }
    }
}
