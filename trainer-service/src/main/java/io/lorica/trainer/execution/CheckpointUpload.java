package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.util.function.BiFunction;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.trainer.job.Job;
import org.jboss.logging.Logger;

/// Makes a checkpoint exist that is on disk, where the job is still this trainer's.
///
/// @param services what the attempt calls upon
/// @param job the job
/// @param attempt which attempt of it
/// @param signals told where another trainer has the job
record CheckpointUpload(TrainingServices services, Job job, int attempt, RunSignals signals)
        implements BiFunction<Path, AdapterManifest, AdapterManifest> {

    private static final Logger LOG = Logger.getLogger(CheckpointUpload.class);

    /// Uploads the files of a directory, then the manifest.
    ///
    /// @param manifest what the checkpoint is, files aside
    /// @return the manifest with its files
    @Override
    public AdapterManifest apply(Path directory, AdapterManifest manifest) {
        if (services.claims().latest(job.id()) > attempt) {
            signals.stop(RunSignals.StopReason.LEASE_LOST);
            throw ProductException.of(
                    ErrorCode.LEASE_LOST,
                    "Another trainer has taken over the job " + job.id() + "; this one leaves it alone.");
        }
        AdapterManifest whole = manifest.withFiles(services.upload().asBlobs(job.adapter(), directory));
        services.checkpoints().commit(whole);
        LOG.infof("checkpoint saved jobId=%s attempt=%d step=%d", job.id(), attempt, whole.step());
        return whole;
    }
}
