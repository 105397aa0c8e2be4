package io.lorica.trainer.execution;

import io.lorica.trainer.execution.RunSignals.StopReason;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class RunSignalsTest {

    @Test
    void keepsTheStrongestReason() {
        // Given
        RunSignals signals = new RunSignals();
        assertThat(signals.stopReason()).isEmpty();

        // When, Then
        signals.stop(StopReason.SHUTDOWN);
        assertThat(signals.stopReason()).contains(StopReason.SHUTDOWN);
        signals.stop(StopReason.CANCELLED);
        signals.stop(StopReason.LEASE_LOST);
        assertThat(signals.stopReason()).contains(StopReason.CANCELLED);
    }
}
