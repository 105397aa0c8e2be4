package io.lorica.llm.train;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WindowPackerTest {

    private static final int CAPACITY = 128;

    @Test
    void fillsWindowsToTheBrimWhereItCan() {
        // When
        List<List<Integer>> windows = WindowPacker.pack(new int[] {5, 3, 7, 2, 8, 5}, order(6, 1), 10);

        // Then: 8 + 2, 7 + 3, 5 + 5
        assertThat(windows).hasSize(3);
    }

    @RepeatedTest(20)
    void holdsEachSequenceOnceAndNoWindowTooMuch(RepetitionInfo repetition) {
        // Given
        int[] lengths = lengths(repetition.getCurrentRepetition());

        // When
        List<List<Integer>> windows = WindowPacker.pack(lengths, order(lengths.length, 1), CAPACITY);

        // Then
        assertThat(windows.stream()
                        .flatMap(List::stream)
                        .sorted()
                        .mapToInt(place -> place)
                        .toArray())
                .isEqualTo(places(lengths.length));
        assertThat(windows)
                .allSatisfy(window -> assertThat(window.stream()
                                .mapToInt(place -> lengths[place])
                                .sum())
                        .isLessThanOrEqualTo(CAPACITY));
        // Johnson's bound, against the least that the sum of lengths allows
        double least = Math.ceil(Arrays.stream(lengths).sum() / (double) CAPACITY);
        double longOnes =
                Arrays.stream(lengths).filter(length -> 2 * length > CAPACITY).count();
        assertThat(windows.size()).isLessThanOrEqualTo((int) (11.0 / 9 * Math.max(least, longOnes) + 4));
    }

    @RepeatedTest(20)
    void takesAsManyWindowsInWhateverOrderEqualsCome(RepetitionInfo repetition) {
        // Given
        int[] lengths = lengths(repetition.getCurrentRepetition());

        // When
        List<List<Integer>> one = WindowPacker.pack(lengths, order(lengths.length, 1), CAPACITY);
        List<List<Integer>> again = WindowPacker.pack(lengths, order(lengths.length, 1), CAPACITY);
        List<List<Integer>> other = WindowPacker.pack(lengths, order(lengths.length, 2), CAPACITY);

        // Then
        assertThat(again).isEqualTo(one);
        assertThat(other).hasSameSizeAs(one).isNotEqualTo(one);
    }

    private static int[] order(int size, long seed) {
        return RowOrder.shuffled(size, seed);
    }

    private static int[] places(int size) {
        int[] places = new int[size];
        Arrays.setAll(places, i -> i);
        return places;
    }

    private static int[] lengths(long seed) {
        Random random = new Random(seed);
        return random.ints(200, 2, CAPACITY + 1).toArray();
    }
}
