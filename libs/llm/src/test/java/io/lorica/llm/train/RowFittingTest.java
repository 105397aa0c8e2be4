package io.lorica.llm.train;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.job.OverLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class RowFittingTest {

    private static final int END = 9_999;
    private static final int MAX_LENGTH = 40;

    /// Rows of every size around the limit; each token is a number of its own.
    static Stream<EncodedRow> rows() {
        Random random = new Random(31);
        return IntStream.range(0, 300)
                .mapToObj(i -> row(i + 1, random.nextInt(45), random.nextInt(120), random.nextInt(60)));
    }

    static Stream<EncodedRow> longRows() {
        return rows().filter(row -> row.length() > MAX_LENGTH);
    }

    @Test
    void keepsARowThatJustFitsAsItIs() {
        // Given
        EncodedRow row = row(7, 4, 5, MAX_LENGTH - 10);

        // When
        FittedRow fitted = new RowFitting(OverLength.RAISE, LossRegion.ALL, MAX_LENGTH).fit(row);

        // Then
        assertThat(fitted.fate()).isEqualTo(FittedRow.Fate.WHOLE);
        TokenizedExample example = fitted.examples().getFirst();
        assertThat(example.tokens()).isEqualTo(row.tokens()).hasSize(MAX_LENGTH);
        assertThat(example.learnedFrom()).isEqualTo(4);
        assertThat(example.part(3)).isEqualTo(TextPart.PROMPT);
        assertThat(example.part(4)).isEqualTo(TextPart.THINKING);
        assertThat(example.part(9)).isEqualTo(TextPart.ANSWER);
    }

    @ParameterizedTest
    @EnumSource
    void makesNothingThatIsTooLongOrTeachesNothing(OverLength policy) {
        // Given
        RowFitting fitting = new RowFitting(policy, LossRegion.ALL, MAX_LENGTH);

        // When
        List<TokenizedExample> examples =
                rows().flatMap(row -> fitting.fit(row).examples().stream()).toList();

        // Then
        assertThat(examples).isNotEmpty().allSatisfy(example -> {
            assertThat(example.tokens().length).isBetween(2, MAX_LENGTH);
            assertThat(example.learned()).isPositive();
            assertThat(example.learnedFrom()).isGreaterThanOrEqualTo(Math.max(1, example.promptLength()));
        });
    }

    @Test
    void cutsTheEndAndKeepsTheEndOfSequence() {
        assertThat(longRows()).allSatisfy(RowFittingTest::cutsTheEndAndKeepsTheEndOfSequence);
    }

    private static void cutsTheEndAndKeepsTheEndOfSequence(EncodedRow row) {
        // When
        FittedRow fitted = new RowFitting(OverLength.TRUNCATE, LossRegion.ALL, MAX_LENGTH).fit(row);

        // Then
        if (row.prompt().length >= MAX_LENGTH - 1) {
            assertThat(fitted).isEqualTo(new FittedRow(row.line(), FittedRow.Fate.PROMPT_TOO_LONG, List.of()));
            return;
        }
        assertThat(fitted.fate()).isEqualTo(FittedRow.Fate.CUT);
        int[] tokens = fitted.examples().getFirst().tokens();
        assertThat(tokens).hasSize(MAX_LENGTH).endsWith(END);
        assertThat(Arrays.copyOf(tokens, MAX_LENGTH - 1)).isEqualTo(Arrays.copyOf(row.tokens(), MAX_LENGTH - 1));
    }

    @Test
    void splitsSoThatEachTokenOfTheCompletionIsLearnedOnceBehindThePrompt() {
        assertThat(longRows())
                .allSatisfy(RowFittingTest::splitsSoThatEachTokenOfTheCompletionIsLearnedOnceBehindThePrompt);
    }

    private static void splitsSoThatEachTokenOfTheCompletionIsLearnedOnceBehindThePrompt(EncodedRow row) {
        // When
        FittedRow fitted = new RowFitting(OverLength.SPLIT, LossRegion.ALL, MAX_LENGTH).fit(row);

        // Then
        if (row.prompt().length > MAX_LENGTH - MAX_LENGTH / 8) {
            assertThat(fitted.fate()).isEqualTo(FittedRow.Fate.PROMPT_TOO_LONG);
            return;
        }
        assertThat(fitted.fate()).isEqualTo(FittedRow.Fate.SPLIT);
        assertThat(fitted.examples())
                .hasSizeGreaterThan(1)
                .allSatisfy(piece -> assertThat(Arrays.copyOf(piece.tokens(), row.prompt().length))
                        .isEqualTo(row.prompt()));
        int from = Math.max(1, row.prompt().length);
        assertThat(learned(fitted)).isEqualTo(Arrays.copyOfRange(row.tokens(), from, row.length()));
        assertThat(parts(fitted)).isEqualTo(partsOf(row, from));
    }

    @Test
    void showsThePieceBeforeAtTheBeginningOfTheNext() {
        assertThat(longRows()).allSatisfy(RowFittingTest::showsThePieceBeforeAtTheBeginningOfTheNext);
    }

    private static void showsThePieceBeforeAtTheBeginningOfTheNext(EncodedRow row) {
        // Given
        int[] tokens = row.tokens();

        // When
        FittedRow fitted = new RowFitting(OverLength.SPLIT, LossRegion.ALL, MAX_LENGTH).fit(row);

        // Then: what a token is predicted from is what stands before it in the row
        fitted.examples().stream().skip(1).forEach(piece -> {
            int firstLearned = piece.tokens()[piece.learnedFrom()];
            int before = piece.tokens()[piece.learnedFrom() - 1];
            int place = IntStream.range(0, tokens.length)
                    .filter(i -> tokens[i] == firstLearned)
                    .findFirst()
                    .orElseThrow();
            assertThat(before).isEqualTo(tokens[place - 1]);
        });
    }

    @Test
    void learnsThePromptOfTheFullTextOnce() {
        assertThat(longRows()).allSatisfy(RowFittingTest::learnsThePromptOfTheFullTextOnce);
    }

    private static void learnsThePromptOfTheFullTextOnce(EncodedRow row) {
        // When
        FittedRow fitted = new RowFitting(OverLength.SPLIT, LossRegion.FULL, MAX_LENGTH).fit(row);

        // Then
        if (fitted.fate() == FittedRow.Fate.SPLIT) {
            assertThat(learned(fitted)).isEqualTo(Arrays.copyOfRange(row.tokens(), 1, row.length()));
        }
    }

    @Test
    void leavesOutOrRefusesWhatIsTooLong() {
        assertThat(longRows()).allSatisfy(RowFittingTest::leavesOutOrRefusesWhatIsTooLong);
    }

    private static void leavesOutOrRefusesWhatIsTooLong(EncodedRow row) {
        // When
        FittedRow dropped = new RowFitting(OverLength.DROP, LossRegion.ALL, MAX_LENGTH).fit(row);
        FittedRow refused = new RowFitting(OverLength.RAISE, LossRegion.ALL, MAX_LENGTH).fit(row);

        // Then
        assertThat(dropped).isEqualTo(new FittedRow(row.line(), FittedRow.Fate.LEFT_OUT, List.of()));
        assertThat(refused).isEqualTo(new FittedRow(row.line(), FittedRow.Fate.REFUSED, List.of()));
    }

    private static int[] learned(FittedRow fitted) {
        return fitted.examples().stream()
                .flatMapToInt(piece -> Arrays.stream(piece.tokens(), piece.learnedFrom(), piece.tokens().length))
                .toArray();
    }

    private static List<TextPart> parts(FittedRow fitted) {
        return fitted.examples().stream()
                .flatMap(piece -> IntStream.range(piece.learnedFrom(), piece.tokens().length)
                        .mapToObj(piece::part))
                .toList();
    }

    private static List<TextPart> partsOf(EncodedRow row, int from) {
        return IntStream.range(from, row.length())
                .mapToObj(place -> place < row.answerStart() ? TextPart.THINKING : TextPart.ANSWER)
                .toList();
    }

    private static EncodedRow row(int line, int prompt, int thinking, int answer) {
        int[] numbers = IntStream.range(0, prompt + thinking + answer).toArray();
        return new EncodedRow(
                line,
                Arrays.copyOf(numbers, prompt),
                Arrays.copyOfRange(numbers, prompt, prompt + thinking),
                Arrays.copyOfRange(numbers, prompt + thinking, numbers.length),
                END);
    }
}
