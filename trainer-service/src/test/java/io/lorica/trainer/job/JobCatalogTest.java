package io.lorica.trainer.job;

import java.util.List;

import io.lorica.contracts.id.JobId;
import io.lorica.trainer.Jobs;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class JobCatalogTest {

    private final JobCatalog catalog = new JobCatalog();

    @Test
    void neverGoesBackInTheLifeOfAJob() {
        // Given
        Job submitted = Jobs.submitted();
        Job queued = submitted
                .filesValidated(Jobs.published(submitted))
                .orElseThrow()
                .job();
        Job running = queued.started(1, 30, 0, List.of(), "cpu", Jobs.NOW)
                .orElseThrow()
                .job();
        Job done = running.succeeded(1, 9, List.of(), Jobs.NOW).orElseThrow().job();

        // When, Then
        for (Job next : List.of(submitted, queued, running, done)) {
            catalog.apply(next);
            catalog.apply(submitted);
            assertThat(catalog.find(submitted.id())).contains(next);
        }
    }

    @Test
    void dropsWhatAnEarlierAttemptSays() {
        // Given
        Job queued = Jobs.queued();
        Job first = queued.started(1, 30, 0, List.of(), "cpu", Jobs.NOW)
                .orElseThrow()
                .job();
        Job second = first.started(2, 30, 5, List.of(), "cpu", Jobs.NOW)
                .orElseThrow()
                .job();
        catalog.apply(second);

        // When
        catalog.apply(first);
        catalog.apply(first.succeeded(1, 9, List.of(), Jobs.NOW).orElseThrow().job());

        // Then
        assertThat(catalog.find(queued.id())).contains(second);
    }

    @Test
    void listsTheNewestFirst() {
        // Given
        Job older = Job.submit(JobId.random(), Jobs.SPEC, "lorica", Jobs.NOW).job();
        Job newer = Job.submit(JobId.random(), Jobs.SPEC, "lorica", Jobs.NOW.plusSeconds(1))
                .job();

        // When
        catalog.apply(older);
        catalog.apply(newer);

        // Then
        assertThat(catalog.newestFirst()).containsExactly(newer, older);
    }

    @Test
    void remembersWhichJobsUsersStopped() {
        // Given
        Job cancelled = Jobs.running(1).cancelled(1, 7, Jobs.NOW).orElseThrow().job();
        catalog.apply(cancelled);

        // When
        catalog.requestStop(cancelled.id(), 0);

        // Then
        assertThat(catalog.stopRequested(cancelled.id())).isTrue();
        assertThat(catalog.stopRequested(JobId.random())).isFalse();
    }

    @Test
    void lettingAJobGoOnTakesBackThatItIsToStop() {
        // Given
        Job cancelled = Jobs.running(1).cancelled(1, 7, Jobs.NOW).orElseThrow().job();
        Job resumed = cancelled.resumed().orElseThrow().job();
        catalog.requestStop(cancelled.id(), 0);

        // When
        catalog.apply(resumed);
        catalog.apply(cancelled);

        // Then
        assertThat(catalog.find(cancelled.id())).contains(resumed);
        assertThat(catalog.stopRequested(cancelled.id())).isFalse();
        catalog.requestStop(cancelled.id(), 1);
        assertThat(catalog.stopRequested(cancelled.id())).isTrue();
    }
}
