package io.lorica.trainer.execution;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.JobId;
import io.lorica.trainer.job.Decision;
import io.lorica.trainer.job.Job;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Ends an attempt in place of a training thread that is stuck: a cancelled job is cancelled, a stalled one has lost an
/// attempt, and fails with its last one. Lives on the worker's thread.
@Singleton
public final class GivenUp {

    private static final Logger LOG = Logger.getLogger(GivenUp.class);

    private final TrainingServices services;

    GivenUp(TrainingServices services) {
        this.services = services;
    }

    /// Tells whether the run is stuck and why, in a sentence.
    public Optional<String> stuck(RunSignals signals) {
        return new StallRule(services.config().stallLimit(), services.config().releaseWithin()).stuck(signals);
    }

    /// Ends the attempt, so that the job does not wait for the thread. Where broker or store are away the job stays as
    /// it is: the next attempt begins with what this one could not say.
    ///
    /// @param reason what keeps the thread
    public RunOutcome end(JobId id, RunSignals signals, String reason) {
        Optional<RunSignals.StopReason> asked = signals.stopReason();
        signals.stop(RunSignals.StopReason.GIVEN_UP);
        LOG.errorf(
                "attempt given up jobId=%s attempt=%d: %s",
                id, signals.activity().attempt(), reason);
        try {
            return asked.isPresent() ? stopped(id, signals, asked.get()) : stalled(id, signals, reason);
        } catch (ProductException e) {
            LOG.warnf("attempt given up without a word jobId=%s: %s", id, e.detail());
            return RunOutcome.HAND_BACK;
        } finally {
            services.metrics().attempt(asked.isPresent() ? "stopped_late" : "stalled");
        }
    }

    private RunOutcome stopped(JobId id, RunSignals signals, RunSignals.StopReason asked) {
        return switch (asked) {
            case SHUTDOWN -> RunOutcome.HAND_BACK;
            case LEASE_LOST, GIVEN_UP -> RunOutcome.TAKEN_OVER;
            case CANCELLED -> {
                int step = signals.activity().step();
                job(id).flatMap(job -> job.cancelled(attempt(job, signals), step, Instant.now()))
                        .ifPresent(services.journal()::append);
                yield RunOutcome.DONE;
            }
        };
    }

    private RunOutcome stalled(JobId id, RunSignals signals, String reason) {
        Optional<Job> job = job(id).filter(known -> !known.state().finished() || known.lacksExports());
        if (job.isEmpty()) {
            return RunOutcome.DONE;
        }
        int attempt = attempt(job.get(), signals);
        if (new LostAttempts(services, job.get()).before(attempt) + 1
                < services.config().maxAttempts()) {
            services.journal()
                    .publish(List.of(services.journal()
                            .record(new DomainEvent.JobInterrupted(id, attempt, ErrorCode.STALLED, reason, true))));
            return RunOutcome.HAND_BACK;
        }
        Optional<Decision> failed = job.get()
                .failed(
                        attempt,
                        ErrorCode.STALLED,
                        reason + " It was the last of " + services.config().maxAttempts()
                                + " attempts. The job's checkpoints remain.",
                        null,
                        Instant.now());
        failed.ifPresent(services.journal()::append);
        return RunOutcome.DONE;
    }

    private Optional<Job> job(JobId id) {
        return services.catalog().find(id);
    }

    private static int attempt(Job job, RunSignals signals) {
        return Math.max(job.attempt(), signals.activity().attempt());
    }
}
