package io.lorica.trainer.execution;

import java.time.Instant;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import org.jboss.logging.Logger;

/// What becomes of an attempt that fails. A failure that is the job's own ends the job; one that is not leaves it to
/// the next attempt.
///
/// @param attempt the attempt
record FailedAttempt(Attempt attempt) {

    private static final Logger LOG = Logger.getLogger(FailedAttempt.class);

    /// That the trainers before were lost too often for another one to try.
    Optional<ProductException> trainersLost() {
        if (attempt.trained()) {
            return Optional.empty();
        }
        int fruitless = fruitlessBefore();
        return fruitless < mostFruitless()
                ? Optional.empty()
                : Optional.of(ProductException.of(
                        ErrorCode.INTERNAL_ERROR,
                        "The last " + fruitless + " trainers of the job were lost before they reached another"
                                + " checkpoint, most likely for want of memory. Its checkpoints remain. Try a smaller"
                                + " batch_size or max_seq_length."));
    }

    /// Ends the attempt with a failure, and the job where the failure is its own.
    RunOutcome endWith(ProductException failure) {
        if (attempt.signals()
                .stopReason()
                .filter(RunSignals.StopReason.LEASE_LOST::equals)
                .isPresent()) {
            LOG.warnf("job left to another trainer jobId=%s attempt=%d", attempt.jobId(), attempt.number());
            return RunOutcome.TAKEN_OVER;
        }
        if (failure.code().kind() == ErrorKind.UNAVAILABLE) {
            LOG.warnf("job handed back jobId=%s attempt=%d: %s", attempt.jobId(), attempt.number(), failure.detail());
            return RunOutcome.HAND_BACK;
        }
        return attempt.trained() ? withoutExports(failure) : failed(failure);
    }

    /// Ends the attempt with what nobody foresaw. It may be this machine's trouble, so that others get a try; the last
    /// one tells what it was.
    RunOutcome brokenOff(RuntimeException failure) {
        LOG.errorf(failure, "the attempt broke off jobId=%s attempt=%d", attempt.jobId(), attempt.number());
        if (!attempt.trained() && fruitlessBefore() + 1 < mostFruitless()) {
            return RunOutcome.HAND_BACK;
        }
        return endWith(ProductException.of(
                ErrorCode.INTERNAL_ERROR,
                "The training broke off again and again: " + failure.getMessage()
                        + ". The trainer's log has the details under the job's id.",
                failure));
    }

    // Attempts before this one that ended without a new checkpoint. An attempt that got on, however short,
    // does not count: brokers restart and machines are drained in the course of a long job.
    private int fruitlessBefore() {
        int progressed = attempt.patiently(
                "looking for checkpoints",
                () -> attempt.services()
                        .checkpoints()
                        .newestAttempt(attempt.job().adapter()));
        return attempt.number() - 1 - progressed;
    }

    private int mostFruitless() {
        return attempt.services().config().maxAttempts();
    }

    private RunOutcome failed(ProductException failure) {
        LOG.errorf(failure, "job failed jobId=%s attempt=%d", attempt.jobId(), attempt.number());
        attempt.decide("failing the job", () -> {
            attempt.outbox().flush();
            return attempt.current()
                    .failed(attempt.number(), failure.code(), failure.detail(), failure.parameter(), Instant.now());
        });
        return RunOutcome.DONE;
    }

    private RunOutcome withoutExports(ProductException failure) {
        LOG.errorf(failure, "exports not written jobId=%s attempt=%d", attempt.jobId(), attempt.number());
        String message = ErrorCode.EXPORT_FAILED.wireName() + ": " + failure.detail();
        attempt.send(new DomainEvent.MergeJudged(attempt.jobId(), attempt.number(), false, message, null));
        attempt.sendWaitingEvents();
        return RunOutcome.DONE;
    }
}
