package io.lorica.inference.reasoning;

import java.util.ArrayList;
import java.util.List;

import io.lorica.inference.reasoning.ReasoningSplitter.Kind;
import io.lorica.inference.reasoning.ReasoningSplitter.Piece;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class AnswerTextTest {

    @Test
    void stopTextsCountFromTheAnswerOn() {
        // Given
        AnswerText text = new AnswerText(AnswerStart.THINKING, List.of("question:"), false);

        // When
        List<Piece> pieces = read(text, "the question:", " about</think>", "\n\nanswer yes! ques", "tion: more");

        // Then
        assertThat(said(pieces, Kind.REASONING)).isEqualTo("the question: about");
        assertThat(said(pieces, Kind.ANSWER)).isEqualTo("answer yes! ");
        assertThat(text.stopped()).isTrue();
    }

    @Test
    void stopTextsCountInTheReasoningTooWhereTheyAreToldTo() {
        // Given
        AnswerText text = new AnswerText(AnswerStart.THINKING, List.of("question:"), true);

        // When
        List<Piece> pieces = read(text, "the ques", "tion: about</think>", "answer");

        // Then
        assertThat(said(pieces, Kind.REASONING)).isEqualTo("the");
        assertThat(said(pieces, Kind.ANSWER)).isEmpty();
        assertThat(text.stopped()).isTrue();
    }

    @Test
    void theEndOfTheReasoningCanBeAStopTextWhereItIsSearched() {
        // Given
        AnswerText text = new AnswerText(AnswerStart.THINKING, List.of("</think>"), true);

        // When
        List<Piece> pieces = read(text, "hm</th", "ink>yes");

        // Then
        assertThat(pieces).containsExactly(new Piece(Kind.REASONING, "hm"));
        assertThat(text.stopped()).isTrue();
    }

    @Test
    void givesBackWhatWasNoStopTextAtTheEnd() {
        // Given
        AnswerText text = new AnswerText(AnswerStart.NEW_TURN, List.of("END"), false);

        // When
        List<Piece> pieces = new ArrayList<>(text.take("the E", false));
        pieces.addAll(text.take("N", true));

        // Then
        assertThat(said(pieces, Kind.ANSWER)).isEqualTo("the EN");
        assertThat(text.stopped()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'ask<think>\n'           | THINKING
            'ask<think>\n</think>\n' | AFTER_THINKING
            'ask'                    | NEW_TURN
            """)
    void beginsAsThePromptEnds(String prompt, AnswerStart start) {
        assertThat(AnswerStart.behind(prompt)).isEqualTo(start);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            'It is'                  | CONTINUED_ANSWER
            '<think>Let me'          | CONTINUED_THINKING
            '<think>a</think>It is'  | CONTINUED_ANSWER
            '<think>'                | THINKING
            '<think>a</think>\n'     | AFTER_THINKING
            ''                       | NEW_TURN
            """)
    void beginsWithinAMessageThatIsContinued(String message, AnswerStart start) {
        assertThat(AnswerStart.within(message, "ask" + message)).isEqualTo(start);
    }

    private static List<Piece> read(AnswerText text, String... tokens) {
        List<Piece> pieces = new ArrayList<>();
        for (String token : tokens) {
            if (!text.stopped()) {
                pieces.addAll(text.take(token, false));
            }
        }
        return pieces;
    }

    private static String said(List<Piece> pieces, Kind kind) {
        StringBuilder said = new StringBuilder();
        pieces.stream().filter(piece -> piece.kind() == kind).forEach(piece -> said.append(piece.text()));
        return said.toString();
    }
}
