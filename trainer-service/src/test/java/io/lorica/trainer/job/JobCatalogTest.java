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
        JobId stopped = JobId.random();

        // When
        catalog.requestStop(stopped);

        // Then
        assertThat(catalog.stopRequested(stopped)).isTrue();
        assertThat(catalog.stopRequested(JobId.random())).isFalse();
    }
}
