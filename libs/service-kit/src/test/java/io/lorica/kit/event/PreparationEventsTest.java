package io.lorica.kit.event;

import java.util.ArrayList;
import java.util.List;

import io.lorica.contracts.job.PreparationStage;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class PreparationEventsTest {

    private final List<String> told = new ArrayList<>();
    private long now;
    private final PreparationEvents events =
            new PreparationEvents((stage, done, total) -> told.add(stage + " " + done + "/" + total), () -> now);

    @Test
    void tellsEveryFewSecondsAndOfTheEnd() {
        // When: 150 seconds for 25,000 rows, a call a second
        for (int second = 0; second <= 150; second++) {
            now = second * 1_000_000_000L;
            events.progressed(PreparationStage.TOKENIZING, second * 25_000L / 150, 25_000);
        }

        // Then
        assertThat(told).hasSize(30).startsWith("TOKENIZING 833/25000").endsWith("TOKENIZING 25000/25000");
    }

    @Test
    void saysNothingOfWhatIsSoonOver() {
        // When
        events.progressed(PreparationStage.DOWNLOADING, 0, 10);
        now = 2_000_000_000L;
        events.progressed(PreparationStage.DOWNLOADING, 10, 10);

        // Then
        assertThat(told).isEmpty();
    }

    @Test
    void tellsOfAnEndThatComesSoonAfterTheLastTime() {
        // When
        events.progressed(PreparationStage.DOWNLOADING, 0, 10);
        now = 6_000_000_000L;
        events.progressed(PreparationStage.DOWNLOADING, 9, 10);
        events.progressed(PreparationStage.DOWNLOADING, 10, 10);
        events.progressed(PreparationStage.DOWNLOADING, 10, 10);

        // Then
        assertThat(told).containsExactly("DOWNLOADING 9/10", "DOWNLOADING 10/10");
    }
}
