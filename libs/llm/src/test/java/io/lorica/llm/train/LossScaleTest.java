package io.lorica.llm.train;

import java.util.Optional;
import java.util.stream.IntStream;

import io.lorica.llm.tensor.ElementType;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LossScaleTest {

    @Test
    void halvesUntilItCannotHelpAnyMore() {
        // Given
        LossScale scale = new LossScale(ElementType.F16);
        double first = scale.factor();

        // When
        long halved = IntStream.range(0, 100).filter(_ -> scale.halve()).count();

        // Then
        assertThat(Math.scalb(1.0, (int) halved)).isEqualTo(first);
        assertThat(scale.factor()).isEqualTo(1);
    }

    @Test
    void doublesAfterManyCalmSteps() {
        // Given
        LossScale scale = new LossScale(ElementType.F16);
        double first = scale.factor();

        // When
        IntStream.range(0, 1_999).forEach(_ -> scale.calm());
        double before = scale.factor();
        scale.calm();

        // Then
        assertThat(before).isEqualTo(first);
        assertThat(scale.factor()).isEqualTo(2 * first);
    }

    @Test
    void leavesWideRangesAlone() {
        // Given
        LossScale scale = new LossScale(ElementType.BF16);

        // When
        scale.calm();

        // Then
        assertThat(scale.halve()).isFalse();
        assertThat(scale.factor()).isEqualTo(1);
        assertThat(scale.state()).isEmpty();
    }

    @Test
    void goesOnFromACheckpoint() {
        // Given
        LossScale scale = new LossScale(ElementType.F16);

        // When
        scale.restore(Optional.of(new LossScale.State(512, 1_999)));
        scale.calm();

        // Then
        assertThat(scale.state()).contains(new LossScale.State(1_024, 0));
    }
}
