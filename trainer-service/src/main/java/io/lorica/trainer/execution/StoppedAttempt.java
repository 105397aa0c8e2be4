package io.lorica.trainer.execution;

import java.time.Instant;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import org.jboss.logging.Logger;

/// What becomes of an attempt that was asked to stop. Lives on the training thread.
///
/// @param attempt the attempt
record StoppedAttempt(Attempt attempt) {

    private static final Logger LOG = Logger.getLogger(StoppedAttempt.class);

    /// Ends an attempt that takes steps: the last one that was finished is saved.
    RunOutcome after(TrainingLoop loop, RunSignals.StopReason reason) {
        int step = leavesNothing(reason) ? loop.lastStep() : loop.saveLast();
        return end(reason, step);
    }

    /// Ends an attempt that was stopped at something else, or failed to save its last step.
    ///
    /// @param failure what ended the work
    RunOutcome breakOff(RunSignals.StopReason reason, RuntimeException failure) {
        if (!(failure instanceof RunStopped)) {
            LOG.warnf(
                    "attempt broke off while it stopped jobId=%s attempt=%d: %s",
                    attempt.jobId(), attempt.number(), failure.getMessage());
        }
        return end(reason, attempt.signals().activity().step());
    }

    private RunOutcome end(RunSignals.StopReason reason, int step) {
        LOG.infof(
                "training stopped jobId=%s attempt=%d step=%d reason=%s",
                attempt.jobId(), attempt.number(), step, reason);
        return switch (reason) {
            case CANCELLED -> cancel(attempt.number(), step);
            case LEASE_LOST, GIVEN_UP -> attempt.ended("taken_over", RunOutcome.TAKEN_OVER);
            case SHUTDOWN -> handBack();
        };
    }

    /// Makes the job a cancelled one. Where the broker is away the next attempt does it.
    RunOutcome cancel(int number, int step) {
        try {
            attempt.sendWaitingEvents();
            attempt.decide("cancelling the job", () -> attempt.current().cancelled(number, step, Instant.now()));
            return attempt.ended("cancelled", RunOutcome.DONE);
        } catch (ProductException e) {
            LOG.warnf("job to be cancelled later jobId=%s: %s", attempt.jobId(), e.detail());
            return RunOutcome.HAND_BACK;
        }
    }

    private RunOutcome handBack() {
        attempt.send(new DomainEvent.JobInterrupted(
                attempt.jobId(),
                attempt.number(),
                ErrorCode.SERVICE_UNAVAILABLE,
                "The trainer was told to stop; the job goes on from its last checkpoint when a trainer takes it.",
                false));
        return attempt.ended("handed_back", RunOutcome.HAND_BACK);
    }

    private static boolean leavesNothing(RunSignals.StopReason reason) {
        return switch (reason) {
            case LEASE_LOST, GIVEN_UP -> true;
            case SHUTDOWN, CANCELLED -> false;
        };
    }
}
