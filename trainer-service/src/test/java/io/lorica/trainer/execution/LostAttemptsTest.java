package io.lorica.trainer.execution;

import java.util.List;
import java.util.stream.IntStream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.trainer.Jobs;
import io.lorica.trainer.job.Job;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class LostAttemptsTest {

    private static final Job JOB = Jobs.running(1);

    @Test
    void countsAttemptsSinceTheLastThatGotOn() {
        assertThat(LostAttempts.count(0, 1, List.of())).isZero();
        assertThat(LostAttempts.count(0, 6, List.of())).isEqualTo(5);
        assertThat(LostAttempts.count(3, 6, List.of())).isEqualTo(2);
    }

    @Test
    void doesNotCountAttemptsThatEndedByAFaultOfTheMachine() {
        // Given
        List<EventEnvelope<?>> history = IntStream.rangeClosed(1, 40)
                .<EventEnvelope<?>>mapToObj(attempt -> interrupted(attempt, ErrorCode.OUT_OF_DISK, false))
                .toList();

        // When, Then
        assertThat(LostAttempts.count(0, 41, history)).isZero();
        assertThat(LostAttempts.count(0, 43, history)).isEqualTo(2);
    }

    @Test
    void countsAttemptsThatStalled() {
        assertThat(LostAttempts.count(0, 2, List.of(interrupted(1, ErrorCode.STALLED, true))))
                .isEqualTo(1);
    }

    private static EventEnvelope<?> interrupted(int attempt, ErrorCode code, boolean counts) {
        return EventEnvelope.of(
                new DomainEvent.JobInterrupted(JOB.id(), attempt, code, "What happened.", counts),
                "/lorica/trainer-service",
                Jobs.NOW);
    }
}
