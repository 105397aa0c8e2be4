package io.lorica.trainer.job;

import java.util.List;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

import io.lorica.contracts.job.StepMetrics;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LossTrendTest {

    @Test
    void hasNothingToSayOfARunThatGotBetter() {
        assertThat(trend(40, step -> 3.0 - step * 0.05, 1.0).warning()).isEmpty();
    }

    @Test
    void looksThroughTheNoiseOfSingleSteps() {
        assertThat(trend(40, step -> 3.0 - step * 0.02 + (step % 2 == 0 ? 0.5 : -0.5), 1.0)
                        .warning())
                .isEmpty();
    }

    @Test
    void warnsOfARunThatEndedWorse() {
        assertThat(trend(40, step -> step <= 10 ? 2.0 : 9.75, 1.0).warning())
                .get()
                .asString()
                .contains("ended no better than it began", "2.0000", "9.7500", "Lower learning_rate");
    }

    @Test
    void warnsOfGradientsThatVanished() {
        // Given: what a learning rate of 1e9 does
        List<StepMetrics> steps = IntStream.rangeClosed(1, 20)
                .mapToObj(step -> metrics(step, step < 3 ? 5.0 : 11.9, step < 3 ? 2.0 : 0.0))
                .toList();

        // When, Then
        assertThat(LossTrend.of(steps).warning())
                .get()
                .asString()
                .contains("The gradients vanished", "from step 3 to the end", "Lower learning_rate");
    }

    @Test
    void saysNothingOfARunOfAFewSteps() {
        assertThat(trend(3, step -> 2.0 + step, 1.0).warning()).isEmpty();
        assertThat(LossTrend.of(List.of()).warning()).isEmpty();
    }

    private static LossTrend trend(int count, IntToDoubleFunction loss, double norm) {
        return LossTrend.of(IntStream.rangeClosed(1, count)
                .mapToObj(step -> metrics(step, loss.applyAsDouble(step), norm))
                .toList());
    }

    private static StepMetrics metrics(int step, double loss, double norm) {
        return new StepMetrics(step, 100, loss, 0.5, null, null, norm, 1e-3, 100, 10L * step, null, null, null, null);
    }
}
