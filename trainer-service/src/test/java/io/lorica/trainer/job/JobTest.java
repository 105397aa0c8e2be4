package io.lorica.trainer.job;

import java.util.List;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.JobId;
import io.lorica.kit.event.EventCodec;
import io.lorica.trainer.Jobs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

class JobTest {

    @Test
    void tellsOfItsSubmission() {
        // When
        Decision decision = Job.submit(JobId.random(), Jobs.SPEC, "lorica", Jobs.NOW);

        // Then
        assertThat(decision.job().state()).isEqualTo(new JobState.ValidatingFiles());
        assertThat(decision.events())
                .containsExactly(new DomainEvent.JobSubmitted(
                        decision.job().id(), decision.job().adapter(), Jobs.SPEC));
        assertThat(decision.queue()).isFalse();
    }

    @Test
    void entersTheQueueOnceWhenItsRowsAreGood() {
        // Given
        Job job = Jobs.submitted();

        // When
        Decision decision = job.filesValidated(Jobs.published(job)).orElseThrow();

        // Then
        assertThat(decision.queue()).isTrue();
        assertThat(decision.job().state()).isEqualTo(new JobState.Queued(Jobs.version(), null));
        assertThat(decision.job().filesValidated(Jobs.published(job))).isEmpty();
    }

    @Test
    void failsWithTheRowsOwnError() {
        // Given
        Job job = Jobs.submitted();
        DomainEvent.DatasetRejected rejected = new DomainEvent.DatasetRejected(
                Jobs.ROWS, job.id(), ErrorCode.INVALID_TRAINING_FILE, "No row is usable.", "training_file");

        // When
        Decision decision = job.filesRejected(rejected, Jobs.NOW).orElseThrow();

        // Then
        assertThat(decision.job().state())
                .isEqualTo(new JobState.Failed(
                        ErrorCode.INVALID_TRAINING_FILE, "No row is usable.", "training_file", 0, Jobs.NOW, null));
        assertThat(decision.events()).singleElement().isInstanceOf(DomainEvent.JobFailed.class);
    }

    @Test
    void isTakenOverByALaterAttemptOnly() {
        // Given
        Job second = Jobs.running(2);

        // When, Then
        assertThat(second.started(3, 30, 10, List.of(), "cpu", Jobs.NOW)).isPresent();
        assertThat(second.started(1, 30, 0, List.of(), "cpu", Jobs.NOW)).isEmpty();
    }

    @Test
    void tellsHowManyExamplesItsRowsGive() {
        // When
        Decision decision =
                Jobs.queued().started(1, 30, 0, List.of(), "cpu", Jobs.NOW).orElseThrow();

        // Then
        assertThat(decision.events())
                .singleElement()
                .isInstanceOfSatisfying(
                        DomainEvent.JobStarted.class,
                        started -> assertThat(started.rows())
                                .isEqualTo("Training file: 12 rows give 12 examples, and 0 rows are set aside"));
    }

    @Test
    void takesNoResultFromAnEarlierAttempt() {
        // Given
        Job second = Jobs.running(2);

        // When, Then
        assertThat(second.succeeded(1, 5, List.of(), Jobs.NOW)).isEmpty();
        assertThat(second.failed(1, ErrorCode.INTERNAL_ERROR, "lost", null, Jobs.NOW))
                .isEmpty();
        assertThat(second.cancelled(1, 4, Jobs.NOW)).isEmpty();
        assertThat(second.succeeded(2, 5, List.of(), Jobs.NOW)).isPresent();
    }

    @Test
    void staysAsItEnded() {
        // Given
        Job job = Jobs.succeeded();

        // When, Then
        assertThat(job.cancelled(1, 30, Jobs.NOW)).isEmpty();
        assertThat(job.failed(2, ErrorCode.INTERNAL_ERROR, "late", null, Jobs.NOW))
                .isEmpty();
        assertThat(job.started(2, 30, 0, List.of(), "cpu", Jobs.NOW)).isEmpty();
    }

    @Test
    void takesFilesThatWereMissingFromALaterAttempt() {
        // Given
        Job incomplete = Jobs.succeededWithoutExports();

        // When
        Job complete = incomplete
                .exported(2, List.of(Jobs.ROWS, Jobs.ROWS), true)
                .orElseThrow()
                .job();

        // Then
        assertThat(incomplete.lacksExports()).isTrue();
        assertThat(complete.lacksExports()).isFalse();
        assertThat(complete.supersedes(incomplete)).isTrue();
        assertThat(incomplete.supersedes(complete)).isFalse();
        assertThat(complete.state())
                .isEqualTo(new JobState.Succeeded(
                        complete.modelName(), 900, List.of(Jobs.ROWS, Jobs.ROWS), 2, Jobs.NOW, null));
    }

    @Test
    void takesNoFilesThatAreNotMissingOrComeFromTheAttemptThatLacksThem() {
        // Given
        Job complete = Jobs.succeeded();
        Job incomplete = Jobs.succeededWithoutExports();

        // When, Then
        assertThat(complete.lacksExports()).isFalse();
        assertThat(complete.exported(2, List.of(), true)).isEmpty();
        assertThat(incomplete.exported(1, List.of(), true)).isEmpty();
        assertThat(Jobs.running(1).lacksExports()).isFalse();
    }

    @Test
    void goesOnAfterItFailedAsANewLifeOfTheSameJob() {
        // Given
        Job failed = Jobs.running(5)
                .failed(5, ErrorCode.STALLED, "It stood still.", null, Jobs.NOW)
                .orElseThrow()
                .job();

        // When
        Decision resumed = failed.resumed().orElseThrow();

        // Then
        assertThat(resumed.queue()).isTrue();
        assertThat(resumed.events()).containsExactly(new DomainEvent.JobResumed(failed.id(), 5));
        assertThat(resumed.job().state()).isEqualTo(new JobState.Queued(Jobs.version(), null));
        assertThat(resumed.job().resumption()).isEqualTo(new Resumption(1, 5));
        assertThat(resumed.job().supersedes(failed)).isTrue();
        assertThat(failed.supersedes(resumed.job())).isFalse();
        assertThat(resumed.job().started(6, 30, 10, List.of(), "cpu", Jobs.NOW)).isPresent();
    }

    @Test
    void goesOnAfterItWasCancelledButNotWhileItRunsOrIsDone() {
        // Given
        Job cancelled = Jobs.running(1).cancelled(1, 7, Jobs.NOW).orElseThrow().job();

        // When, Then
        assertThat(cancelled.resumed()).isPresent();
        assertThat(Jobs.running(1).resumed()).isEmpty();
        assertThat(Jobs.succeeded().resumed()).isEmpty();
        assertThat(Jobs.succeededWithoutExports().resumed()).isEmpty();
        assertThat(Jobs.submitted()
                        .cancelled(0, 0, Jobs.NOW)
                        .orElseThrow()
                        .job()
                        .resumed())
                .isEmpty();
    }

    @ParameterizedTest
    @MethodSource
    void isTheSameAfterAJourneyThroughJson(Job job) throws JsonProcessingException {
        // When
        String json = EventCodec.json().writeValueAsString(job);

        // Then
        assertThat(EventCodec.json().readValue(json, Job.class)).isEqualTo(job);
    }

    static List<Job> isTheSameAfterAJourneyThroughJson() {
        Job running = Jobs.running(1);
        return List.of(
                Jobs.submitted(),
                Jobs.queued(),
                running,
                Jobs.succeeded(),
                Jobs.succeededWithoutExports(),
                running.cancelled(1, 7, Jobs.NOW).orElseThrow().job(),
                running.cancelled(1, 7, Jobs.NOW)
                        .flatMap(decision -> decision.job().resumed())
                        .orElseThrow()
                        .job(),
                running.failed(1, ErrorCode.OUT_OF_MEMORY, "Too big.", "batch_size", Jobs.NOW)
                        .orElseThrow()
                        .job());
    }
}
