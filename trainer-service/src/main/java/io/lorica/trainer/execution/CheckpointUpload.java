package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.BiFunction;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.storage.ArtifactLayout;
import org.jboss.logging.Logger;

/// Makes checkpoints exist that are on disk, where the job is still this trainer's, and tells of them.
///
/// @param attempt the attempt that made them
record CheckpointUpload(Attempt attempt) implements BiFunction<Path, AdapterManifest, AdapterManifest> {

    private static final Logger LOG = Logger.getLogger(CheckpointUpload.class);

    /// Uploads the files of a directory, then the manifest.
    ///
    /// @param manifest what the checkpoint is, files aside
    /// @return the manifest with its files
    @Override
    public AdapterManifest apply(Path directory, AdapterManifest manifest) {
        TrainingServices services = attempt.services();
        if (services.claims().latest(attempt.jobId()) > attempt.number()) {
            attempt.signals().stop(RunSignals.StopReason.LEASE_LOST);
            throw ProductException.of(
                    ErrorCode.LEASE_LOST,
                    "Another trainer has taken over the job " + attempt.jobId() + "; this one leaves it alone.");
        }
        long began = System.nanoTime();
        AdapterManifest whole = manifest.withFiles(services.upload().asBlobs(manifest.adapter(), directory));
        services.checkpoints().commit(whole);
        services.metrics()
                .saved(
                        Duration.ofNanos(System.nanoTime() - began),
                        whole.files().stream().mapToLong(ArtifactFile::size).sum());
        attempt.signals().activity().advance();
        LOG.infof("checkpoint saved jobId=%s attempt=%d step=%d", attempt.jobId(), attempt.number(), whole.step());
        return whole;
    }

    /// Tells of a checkpoint that exists.
    void announce(AdapterManifest checkpoint) {
        attempt.send(new DomainEvent.CheckpointSaved(
                attempt.jobId(),
                attempt.number(),
                checkpoint.adapter(),
                checkpoint.name(),
                checkpoint.spec().model(),
                checkpoint.step(),
                ArtifactLayout.checkpointManifest(checkpoint.adapter(), checkpoint.step())
                        .value(),
                checkpoint.metrics()));
    }
}
