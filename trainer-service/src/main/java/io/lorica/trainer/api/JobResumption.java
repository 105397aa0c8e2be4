package io.lorica.trainer.api;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.trainer.checkpoint.CheckpointStore;
import io.lorica.trainer.job.Decision;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobState;
import jakarta.inject.Singleton;

/// Lets jobs go on that failed or were cancelled, from the last checkpoint that is in the store.
@Singleton
public final class JobResumption {

    private final CheckpointStore checkpoints;

    JobResumption(CheckpointStore checkpoints) {
        this.checkpoints = checkpoints;
    }

    /// The decision that puts a job into the queue again.
    ///
    /// @throws ProductException with `JOB_NOT_RESUMABLE` when it has not ended, is complete, or has no checkpoint
    Decision of(Job job) {
        Decision decision = job.resumed().orElseThrow(() -> refused(job, reason(job)));
        if (checkpoints.newestStep(job.adapter()).isEmpty()) {
            throw refused(
                    job,
                    "has no checkpoint to go on from. Submit it again; checkpoint_every decides how often one is"
                            + " saved.");
        }
        return decision;
    }

    private static String reason(Job job) {
        return switch (job.state()) {
            case JobState.Succeeded _ -> "has succeeded and made everything that it was asked for.";
            case JobState.Failed _, JobState.Cancelled _ ->
                "ended before its files were read. Submit it again when they are right.";
            case JobState.ValidatingFiles _, JobState.Queued _, JobState.Running _ ->
                "has not ended; it goes on by itself.";
        };
    }

    private static ProductException refused(Job job, String reason) {
        return ProductException.of(
                ErrorCode.JOB_NOT_RESUMABLE,
                "The job " + job.id() + " is " + job.state().wireName() + " and cannot be resumed: it " + reason);
    }
}
