package io.lorica.kit.health;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StartWaitTest {

    private static final Duration LONG = Duration.ofDays(1);

    @Test
    void waitsUntilItHasBeenThereOnceAndNeverAgain() {
        // Given
        StartWait wait = new StartWait(LONG, Duration.ZERO);

        // When // Then
        assertThat(wait.over(false)).isFalse();
        assertThat(wait.over(true)).isTrue();
        assertThat(wait.over(false)).isTrue();
    }

    @Test
    void waitsNoLongerThanFromTheStartOfTheProcess() {
        assertThat(new StartWait(LONG, LONG).over(false)).isTrue();
        assertThat(new StartWait(LONG, LONG.minusHours(1)).over(false)).isFalse();
    }
}
