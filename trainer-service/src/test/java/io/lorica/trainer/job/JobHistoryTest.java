package io.lorica.trainer.job;

import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.storage.ArtifactLayout;
import io.lorica.trainer.Jobs;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class JobHistoryTest {

    private final JobHistory history = new JobHistory();
    private final Job job = Jobs.running(1);

    @Test
    void dropsAnEventThatArrivesTwice() {
        // Given
        EventEnvelope<?> event = envelope(new DomainEvent.JobProgressed(job.id(), 1, Jobs.metrics(1)));

        // When
        history.apply(job.id(), event);
        history.apply(job.id(), event);

        // Then
        assertThat(history.of(job.id())).hasSize(1);
    }

    @Test
    void showsAStepThatWasDoneTwiceOnce() {
        // Given
        history.apply(job.id(), envelope(new DomainEvent.JobProgressed(job.id(), 1, Jobs.metrics(5))));
        history.apply(job.id(), envelope(new DomainEvent.JobProgressed(job.id(), 1, Jobs.metrics(6))));

        // When
        history.apply(job.id(), envelope(new DomainEvent.JobProgressed(job.id(), 2, Jobs.metrics(5))));

        // Then
        assertThat(history.metrics(job.id())).containsOnlyKeys(5, 6);
    }

    @Test
    void listsCheckpointsByStep() {
        // Given
        history.apply(job.id(), envelope(saved(20)));
        history.apply(job.id(), envelope(saved(10)));
        history.apply(job.id(), envelope(saved(20)));

        // When, Then
        assertThat(history.checkpoints(job.id())).containsOnlyKeys(10, 20);
        assertThat(history.checkpoints(job.id()).firstEntry().getKey()).isEqualTo(10);
    }

    private static EventEnvelope<DomainEvent> envelope(DomainEvent event) {
        return EventEnvelope.of(event, "/lorica/test", Jobs.NOW);
    }

    private DomainEvent.CheckpointSaved saved(int step) {
        return new DomainEvent.CheckpointSaved(
                job.id(),
                1,
                job.adapter(),
                job.modelName().checkpoint(step),
                job.spec().model(),
                step,
                ArtifactLayout.checkpointManifest(job.adapter(), step).value(),
                Jobs.metrics(step));
    }
}
