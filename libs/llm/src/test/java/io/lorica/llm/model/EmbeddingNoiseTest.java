package io.lorica.llm.model;

import java.util.List;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class EmbeddingNoiseTest {

    private static final int SIZE = 64;
    private static final int WIDTH = 50;
    // A row of two sequences with padding behind them, and a row of one.
    private static final SequenceLayout LAYOUT = new SequenceLayout(
            2,
            WIDTH,
            List.of(
                    new SequenceLayout.Sequence(0, 0, 10),
                    new SequenceLayout.Sequence(0, 10, 30),
                    new SequenceLayout.Sequence(1, 0, WIDTH)));

    private final TensorScope scope = TensorScope.open("test");

    @AfterEach
    void closeScope() {
        scope.close();
    }

    @Test
    void isUniformAndWeakerOnLongerSequences() {
        // When
        float[] noise = noise(5, 7);

        // Then
        assertUniform(noise, 0, 10, 5 / Math.sqrt(10 * SIZE));
        assertUniform(noise, 10, 40, 5 / Math.sqrt(30 * SIZE));
        assertUniform(noise, WIDTH, 2 * WIDTH, 5 / Math.sqrt(WIDTH * SIZE));
        for (int i = 40 * SIZE; i < WIDTH * SIZE; i++) {
            assertThat(noise[i]).isZero();
        }
    }

    @Test
    void isDecidedByItsSeed() {
        assertThat(noise(5, 7)).isEqualTo(noise(5, 7)).isNotEqualTo(noise(5, 8));
    }

    @Test
    void leavesTheEmbeddingsAloneWhereThereIsNone() {
        // Given
        Tensor embedded = scope.zeros(2, WIDTH, SIZE);

        // When // Then
        assertThat(EmbeddingNoise.NONE.addTo(embedded, LAYOUT)).isSameAs(embedded);
    }

    private float[] noise(double alpha, long seed) {
        return new EmbeddingNoise(alpha, seed)
                .addTo(scope.zeros(2, WIDTH, SIZE), LAYOUT)
                .toFloatArray();
    }

    /// Within its limits, with the mean 0 and the variance limit² / 3 of a uniform.
    private static void assertUniform(float[] noise, int from, int to, double limit) {
        double sum = 0;
        double squares = 0;
        for (int i = from * SIZE; i < to * SIZE; i++) {
            assertThat((double) noise[i]).isBetween(-limit, limit);
            sum += noise[i];
            squares += noise[i] * noise[i];
        }
        int count = (to - from) * SIZE;
        // Four standard errors of a mean, and of a variance, over at least 640 numbers
        assertThat(sum / count).isCloseTo(0, within(4 * limit / Math.sqrt(3.0 * count)));
        assertThat(squares / count).isCloseTo(limit * limit / 3, within(4 * 0.3 * limit * limit / Math.sqrt(count)));
    }
}
