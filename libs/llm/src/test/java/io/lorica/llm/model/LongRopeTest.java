package io.lorica.llm.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class LongRopeTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ORIGINAL = 32;

    @Test
    void dividesEachFrequencyByTheFactorForTheLengthOfTheText() {
        // Given
        RopeScaling scaling = read("[1.0, 2.0]", "[4.0, 8.0]").scaling();
        float[] plain = RopeScaling.plain(10_000, 4);

        // When
        float[] shortText = scaling.frequencies(10_000, 4, ORIGINAL);
        float[] longText = scaling.frequencies(10_000, 4, ORIGINAL + 1);

        // Then
        assertThat(shortText).containsExactly(plain[0], plain[1] / 2);
        assertThat(longText).containsExactly(plain[0] / 4, plain[1] / 8);
    }

    @Test
    void sharpensAttentionByThePapersFactorWhereNoneIsGiven() {
        // Given: √(1 + ln s / ln L) for a context four times as long as L = 32
        double expected = Math.sqrt(1 + Math.log(4) / Math.log(ORIGINAL));

        // When // Then
        assertThat(read("[1, 1]", "[1, 1]").scaling().attentionFactor()).isEqualTo(expected);
    }

    @Test
    void namesFactorsThatDoNotFitTheHead() {
        // Given
        RopeScaling scaling = read("[1.0, 2.0]", "[4.0, 8.0]").scaling();

        // When // Then
        assertThatThrownBy(() -> scaling.frequencies(10_000, 8, 1)).hasMessageContaining("2 factors for 4 pairs");
        assertThatThrownBy(() -> read("[1.0]", "[4.0, 8.0]")).hasMessageContaining("of one length");
        assertThatThrownBy(() -> read("[0.0]", "[1.0]")).hasMessageContaining("above 0");
    }

    private static Rope read(String shortFactors, String longFactors) {
        try {
            ObjectNode root = JSON.createObjectNode();
            root.set(
                    "rope_scaling",
                    JSON.readTree("{\"rope_type\":\"longrope\",\"factor\":4.0,\"original_max_position_embeddings\":"
                            + ORIGINAL + ",\"short_factor\":" + shortFactors + ",\"long_factor\":" + longFactors
                            + "}"));
            return new RopeReader(root, 4 * ORIGINAL).read();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
