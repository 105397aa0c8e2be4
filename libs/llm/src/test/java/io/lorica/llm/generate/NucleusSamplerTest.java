package io.lorica.llm.generate;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class NucleusSamplerTest {

    // Probabilities 0.4, 0.3, 0.15, 0.1, 0.05, out of order.
    private static final float[] LOGITS = {log(0.1), log(0.4), log(0.05), log(0.3), log(0.15)};

    @ParameterizedTest
    @CsvSource({
        // top_p, top_k, min_p, the tokens that may be drawn
        "1, 0, 0, 0 1 2 3 4",
        "1, 1, 0, 1",
        "1, 3, 0, 1 3 4",
        "1, 99, 0, 0 1 2 3 4",
        "0.39, 0, 0, 1",
        "0.41, 0, 0, 1 3",
        "0.69, 0, 0, 1 3",
        "0.71, 0, 0, 1 3 4",
        "0.94, 0, 0, 0 1 3 4",
        "0.96, 0, 0, 0 1 2 3 4",
        // 0.4 of the 0.7 that two tokens have is 0.57
        "0.56, 2, 0, 1",
        "0.58, 2, 0, 1 3",
        // of the likeliest token's 0.4
        "1, 0, 0.3, 1 3 4",
        "1, 0, 1, 1",
        "0.71, 0, 0.5, 1 3"
    })
    void keepsTheTokens(double topP, int topK, double minP, String kept) {
        // Given
        NucleusSampler sampler = new NucleusSampler(1, topP, topK, minP, new Random(5));

        // When
        TreeSet<Integer> drawn = new TreeSet<>();
        for (int i = 0; i < 500; i++) {
            drawn.add(sampler.pick(LOGITS));
        }

        // Then
        assertThat(drawn).extracting(String::valueOf).containsExactly(kept.split(" "));
    }

    @Test
    void drawsThemAsOftenAsTheyAreLikely() {
        // Given
        NucleusSampler sampler = new NucleusSampler(1, 1, 2, 0, new Random(5));
        Map<Integer, Integer> counts = new HashMap<>();

        // When
        for (int i = 0; i < 10_000; i++) {
            counts.merge(sampler.pick(LOGITS), 1, Integer::sum);
        }

        // Then: 0.4 of 0.7, within four standard deviations of 10,000 draws
        assertThat(counts.get(1) / 10_000.0).isCloseTo(0.4 / 0.7, within(0.02));
    }

    @Test
    void aFlatDistributionKeepsAsManyTokensAsItTakes() {
        // Given: 1,000 equal tokens, of which half have half of the probability
        NucleusSampler sampler = new NucleusSampler(1, 0.5, 0, 0, new Random(5));
        float[] flat = new float[1_000];

        // When
        int highest = 0;
        for (int i = 0; i < 400; i++) {
            highest = Math.max(highest, sampler.pick(flat));
        }

        // Then: of equals the first ones are kept
        assertThat(highest).isBetween(480, 499);
    }

    @Test
    void ranksTheLikeliestAndOfEqualsTheFirst() {
        // Given
        float[] few = {-1, 3, 2, 3, -2, 2};
        float[] many = new float[100];
        Arrays.fill(many, -5);
        System.arraycopy(few, 0, many, 50, few.length);

        // When // Then: sorted, and selected
        assertThat(NucleusSampler.likeliest(few, 6)).containsExactly(1, 3, 2, 5, 0, 4);
        assertThat(NucleusSampler.likeliest(many, 5)).containsExactly(51, 53, 52, 55, 50);
    }

    @Test
    void penaltyMakesSeenTokensLessLikely() {
        // Given
        RepetitionPenalty penalty = new RepetitionPenalty(2, new int[] {0});
        penalty.see(2);
        float[] logits = {4, 4, -1, -1};

        // When
        penalty.apply(logits);

        // Then
        assertThat(logits).containsExactly(2, 4, -2, -1);
    }

    private static float log(double probability) {
        return (float) Math.log(probability);
    }
}
