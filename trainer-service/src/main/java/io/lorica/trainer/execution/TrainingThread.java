package io.lorica.trainer.execution;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import io.lorica.contracts.id.JobId;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobState;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Runs one job at a time on a thread of its own, the only one that ever touches tensors.
@Singleton
public final class TrainingThread {

    private static final Logger LOG = Logger.getLogger(TrainingThread.class);

    private final TrainingServices services;
    private volatile @Nullable Thread thread;

    TrainingThread(TrainingServices services) {
        this.services = services;
    }

    /// Starts an attempt of a job.
    public CompletableFuture<RunOutcome> start(JobId id, RunSignals signals) {
        CompletableFuture<RunOutcome> outcome = new CompletableFuture<>();
        services.metrics().begin();
        thread = Thread.ofPlatform().name("training").start(() -> {
            try {
                outcome.complete(run(id, signals));
            } catch (Throwable e) {
                LOG.errorf(e, "the attempt broke off jobId=%s", id);
                outcome.completeExceptionally(e);
            }
        });
        return outcome;
    }

    /// Interrupts the attempt. One that waits ends; one that computes does not notice.
    public void interrupt() {
        Thread current = thread;
        if (current != null) {
            current.interrupt();
        }
    }

    private RunOutcome run(JobId id, RunSignals signals) {
        Optional<Job> job = services.catalog().find(id);
        if (job.isEmpty()) {
            LOG.errorf("queue entry dropped jobId=%s: there is no such job", id);
            return RunOutcome.DONE;
        }
        return switch (job.get().state()) {
            case JobState.Queued _, JobState.Running _ -> execute(job.get(), signals);
            case JobState.Succeeded _ when job.get().lacksExports() -> execute(job.get(), signals);
            case JobState.Finished _ -> RunOutcome.DONE;
            case JobState.ValidatingFiles _ -> RunOutcome.HAND_BACK_LATER;
        };
    }

    private RunOutcome execute(Job job, RunSignals signals) {
        return JobExecution.execute(services, job, job.state().knownDatasets().orElseThrow(), signals);
    }
}
