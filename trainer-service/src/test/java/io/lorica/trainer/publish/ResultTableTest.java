package io.lorica.trainer.publish;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.Owner;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.DirectoryObjectStore;
import io.lorica.trainer.Jobs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

class ResultTableTest {

    @TempDir
    Path directory;

    @Test
    void writesALineForEachStepAndLeavesEmptyWhatWasNotMeasured() throws IOException {
        // Given
        DirectoryObjectStore store = new DirectoryObjectStore(directory);
        StepMetrics plain = Jobs.metrics(1);
        StepMetrics validated = new StepMetrics(2, 30, 2, 0.75, null, 2.0, 1, 1e-3, 10, 20, 3.5, 0.25, null, null);

        // When
        FileId file = new ResultTable(store).write(JobId.random(), Owner.DEFAULT, List.of(plain, validated), Jobs.NOW);

        // Then
        assertThat(new String(store.read(ArtifactLayout.fileContent(file)), UTF_8))
                .isEqualTo("""
                        step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy
                        1,2.5,0.5,,
                        2,2.0,0.75,3.5,0.25
                        """);
        FileRecord entry = EventCodec.json().readValue(store.read(ArtifactLayout.fileRecord(file)), FileRecord.class);
        assertThat(entry.purpose()).isEqualTo(FilePurpose.FINE_TUNE_RESULTS);
        assertThat(entry.bytes())
                .isEqualTo(store.stat(ArtifactLayout.fileContent(file))
                        .orElseThrow()
                        .size());
    }
}
