package io.lorica.trainer.config;

import java.nio.file.Path;

import io.lorica.contracts.id.JobId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class WorkDirectoryStartTest {

    @Test
    void removesOnlyTheFoldersOfJobs() {
        // Given
        Path job = Path.of(JobId.random().value());

        // When // Then
        assertThat(WorkDirectoryStart.ours(job)).isTrue();
        assertThat(WorkDirectoryStart.ours(job.resolve("checkpoint/adapter_model.safetensors")))
                .isTrue();
        assertThat(WorkDirectoryStart.ours(Path.of("ftjob-notes.txt"))).isFalse();
        assertThat(WorkDirectoryStart.ours(Path.of("photos", job.toString()))).isFalse();
    }
}
