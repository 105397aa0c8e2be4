package io.lorica.llm.fused;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class GraphShapeTest {

    @ParameterizedTest
    @CsvSource({"1, 32", "32, 32", "33, 64", "256, 256", "257, 288", "500, 512", "513, 576", "1024, 1024", "1030, 1152"
    })
    void holdsTheTokens(int tokens, int size) {
        assertThat(GraphShape.holding(tokens, 1, 1).tokens()).isEqualTo(size);
    }

    @ParameterizedTest
    @CsvSource({"1, 256", "256, 256", "257, 512", "500, 512"})
    void holdsHalfOrAllOfThemAsLearned(int learned, int size) {
        assertThat(GraphShape.holding(500, learned, 1).learned()).isEqualTo(size);
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 4", "3, 4", "4, 8", "31, 32"})
    void holdsTheSequencesAndTheFilling(int sequences, int size) {
        assertThat(GraphShape.holding(500, 1, sequences).sequences()).isEqualTo(size);
    }

    @Test
    void growsByAnEighthOfItsTokensAtMost() {
        for (int tokens = 257; tokens < 4_096; tokens++) {
            int size = GraphShape.holding(tokens, tokens, 1).tokens();
            assertThat(size).isGreaterThanOrEqualTo(tokens).isLessThanOrEqualTo(tokens + tokens / 8);
        }
    }
}
