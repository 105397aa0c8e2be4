package io.lorica.inference.reasoning;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import io.lorica.inference.reasoning.ReasoningSplitter.Kind;
import io.lorica.inference.reasoning.ReasoningSplitter.Piece;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ReasoningSplitterTest {

    private static final String CASES = """
            inside  | '\nso  it is\n</think>\n\nIt is 9.\n'  | 'so  it is'    | 'It is 9.\n'
            inside  | 'never closed \n '                     | 'never closed' | ''
            inside  | '</think>at once'                      | ''             | 'at once'
            inside  | 'a </thin </think> b </think> c'       | 'a </thin'     | ' b </think> c'
            inside  | 'a <</think>'                          | 'a <'          | ''
            inside  | 'cut </thi'                            | 'cut </thi'    | ''
            inside  | ''                                     | ''             | ''
            inside  | 'hm</think>\r\n\n    code\n'             | 'hm'           | '    code\n'
            outside | ' <think>hm</think> yes'               | 'hm'           | ' yes'
            outside | '  plain < answer'                     | ''             | '  plain < answer'
            outside | ' cat'                                 | ''             | ' cat'
            outside | '\n\n    def f():'                      | ''             | '\n\n    def f():'
            outside | ' \n'                                  | ''             | ' \n'
            after   | '\n\n  code'                            | ''             | '  code'
            within  | '\n is the answer <think>'             | ''             | '\n is the answer <think>'
            thought | '\n goes on </think>\nyes'             | '\n goes on'   | 'yes'
            outside | '<thin ice'                            | ''             | '<thin ice'
            outside | '<thi'                                 | ''             | '<thi'
            outside | 'no <think>marker</think> later'       | ''             | 'no <think>marker</think> later'
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = CASES)
    void partsTheTextWhereverItIsSplitInTwo(String start, String text, String reasoning, String answer) {
        for (int at = 0; at <= text.length(); at++) {
            assertThat(parted(start, List.of(text.substring(0, at), text.substring(at))))
                    .as("split at %d", at)
                    .containsExactly(reasoning, answer);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = CASES)
    void partsTheTextHoweverItIsCutUp(String start, String text, String reasoning, String answer) {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            assertThat(parted(start, cutUp(text, random))).containsExactly(reasoning, answer);
        }
    }

    @Test
    void givesTextAsSoonAsItCannotBeTheMarker() {
        // Given
        ReasoningSplitter splitter = new ReasoningSplitter(AnswerStart.THINKING);

        // When
        List<Piece> held = splitter.feed("first </th");
        List<Piece> free = splitter.feed("ird");

        // Then
        assertThat(held).containsExactly(new Piece(Kind.REASONING, "first"));
        assertThat(free).containsExactly(new Piece(Kind.REASONING, " </third"));
        assertThat(splitter.thinking()).isTrue();
    }

    private static List<String> parted(String start, List<String> pieces) {
        ReasoningSplitter splitter = new ReasoningSplitter(
                switch (start) {
                    case "inside" -> AnswerStart.THINKING;
                    case "after" -> AnswerStart.AFTER_THINKING;
                    case "within" -> AnswerStart.CONTINUED_ANSWER;
                    case "thought" -> AnswerStart.CONTINUED_THINKING;
                    default -> AnswerStart.NEW_TURN;
                });
        List<Piece> given = new ArrayList<>();
        pieces.forEach(piece -> given.addAll(splitter.feed(piece)));
        given.addAll(splitter.finish());
        assertThat(given).extracting(Piece::text).doesNotContain("");
        assertThat(given).extracting(Piece::kind).isSorted();
        return List.of(text(given, Kind.REASONING), text(given, Kind.ANSWER));
    }

    private static List<String> cutUp(String text, Random random) {
        List<String> pieces = new ArrayList<>();
        int from = 0;
        while (from < text.length()) {
            int to = Math.min(text.length(), from + random.nextInt(5));
            pieces.add(text.substring(from, to));
            from = to;
        }
        return pieces;
    }

    private static String text(List<Piece> pieces, Kind kind) {
        StringBuilder text = new StringBuilder();
        pieces.stream().filter(piece -> piece.kind() == kind).forEach(piece -> text.append(piece.text()));
        return text.toString();
    }
}
