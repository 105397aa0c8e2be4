package io.lorica.trainer.execution;

import java.time.Duration;
import java.util.Optional;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class StallRuleTest {

    private final RunSignals signals = new RunSignals();
    private final Activity activity = signals.activity();

    @Test
    void letsARunBeThatGetsOn() {
        // Given
        StallRule rule = new StallRule(Duration.ofSeconds(30), Duration.ofSeconds(10));

        // When
        activity.advance();

        // Then
        assertThat(rule.stuck(signals)).isEmpty();
    }

    @Test
    void namesWhatAStalledRunWasAtAndTheSetting() throws InterruptedException {
        // Given
        StallRule rule = new StallRule(Duration.ofMillis(10), Duration.ofMinutes(10));
        activity.begin("loading the base model");

        // When
        Thread.sleep(20);
        Optional<String> stuck = rule.stuck(signals);

        // Then
        assertThat(stuck)
                .get()
                .asString()
                .contains("made no progress", "was at: loading the base model", "lorica.trainer.stall-limit allows");
    }

    @Test
    void givesARunThatMustStopLessTime() throws InterruptedException {
        // Given
        StallRule rule = new StallRule(Duration.ofMinutes(10), Duration.ofMillis(10));
        activity.begin("training");
        signals.stop(RunSignals.StopReason.CANCELLED);

        // When
        Thread.sleep(20);

        // Then
        assertThat(rule.stuck(signals)).get().asString().contains("lorica.trainer.release-within");
    }

    @Test
    void waitsForAMicroBatchThatIsKnownToTakeLong() throws InterruptedException {
        // Given
        StallRule rule = new StallRule(Duration.ofMinutes(10), Duration.ofMillis(10));
        activity.beginSteps();
        Thread.sleep(200);
        activity.advance();
        signals.stop(RunSignals.StopReason.CANCELLED);

        // When
        Thread.sleep(50);

        // Then
        assertThat(rule.stuck(signals)).isEmpty();
    }

    @Test
    void leavesTheEndOfTheProcessToTheGraceOfTheProcess() throws InterruptedException {
        // Given
        StallRule rule = new StallRule(Duration.ofMillis(1), Duration.ofMillis(1));
        signals.stop(RunSignals.StopReason.SHUTDOWN);

        // When
        Thread.sleep(20);

        // Then
        assertThat(rule.stuck(signals)).isEmpty();
    }

    @Test
    void saysWhichStepARunIsAt() {
        // When
        activity.finished(7);
        activity.beginSteps();

        // Then
        assertThat(activity.doing()).isEqualTo("training, step 8");
    }
}
