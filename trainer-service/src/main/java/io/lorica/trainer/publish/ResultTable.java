package io.lorica.trainer.publish;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Collection;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.lorica.contracts.dataset.FilePurpose;
import io.lorica.contracts.dataset.FileRecord;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.Owner;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.StoredDigest;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// The table of what a job's steps measured, as a file that users can download.
@Singleton
public final class ResultTable {

    private static final String HEADER = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy";

    private final ObjectStore store;

    ResultTable(ObjectStore store) {
        this.store = store;
    }

    /// Stores the table under a file id that belongs to the job and returns that id.
    public FileId write(JobId job, Owner owner, Collection<StepMetrics> steps, Instant now) {
        FileId file = ArtifactLayout.resultTable(job);
        byte[] csv = csv(steps).getBytes(StandardCharsets.UTF_8);
        StoredDigest stored = store.put(ArtifactLayout.fileContent(file), csv, "text/csv");
        FileRecord entry = FileRecord.of(
                        file, stored.size(), now, "step_metrics.csv", FilePurpose.FINE_TUNE_RESULTS, stored.sha256())
                .ownedBy(owner);
        store.put(ArtifactLayout.fileRecord(file), EventCodec.bytes(entry), "application/json");
        return file;
    }

    static String csv(Collection<StepMetrics> steps) {
        return Stream.concat(Stream.of(HEADER), steps.stream().map(ResultTable::line))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String line(StepMetrics step) {
        return step.step() + "," + step.trainLoss() + "," + step.trainTokenAccuracy() + ","
                + cell(step.validationLoss()) + "," + cell(step.validationTokenAccuracy());
    }

    private static String cell(@Nullable Double value) {
        return Objects.toString(value, "");
    }
}
