package io.lorica.trainer.execution;

import java.time.Instant;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.FailureWords;
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

    /// Ends the attempt with a failure, and the job where the failure is its own. A fault of the machine is neither:
    /// the
    /// job goes on, after a pause, and has lost no attempt.
    RunOutcome endWith(ProductException failure) {
        if (failure.code() == ErrorCode.LEASE_LOST) {
            LOG.warnf("job left to another trainer jobId=%s attempt=%d", attempt.jobId(), attempt.number());
            return attempt.ended("taken_over", RunOutcome.TAKEN_OVER);
        }
        if (failure.code().passing() || failure.code().kind() == ErrorKind.UNAVAILABLE) {
            LOG.warnf("job handed back jobId=%s attempt=%d: %s", attempt.jobId(), attempt.number(), failure.detail());
            tell(failure.code(), failure.detail(), false);
            return attempt.ended(
                    "machine_fault",
                    failure.code() == ErrorCode.DEVICE_UNAVAILABLE
                            ? RunOutcome.DEVICE_LOST
                            : RunOutcome.HAND_BACK_LATER);
        }
        return attempt.trained() ? withoutExports(failure) : failed(failure);
    }

    private void tell(ErrorCode code, String message, boolean counts) {
        attempt.send(new DomainEvent.JobInterrupted(attempt.jobId(), attempt.number(), code, message, counts));
    }

    /// Ends the attempt with what nobody foresaw. It may be this machine's trouble, so that others get a try; the last
    /// one tells what it was.
    RunOutcome brokenOff(RuntimeException failure) {
        LOG.errorf(failure, "the attempt broke off jobId=%s attempt=%d", attempt.jobId(), attempt.number());
        if (!attempt.trained() && fruitlessBefore() + 1 < mostFruitless()) {
            tell(ErrorCode.INTERNAL_ERROR, "The training broke off: " + failure.getMessage() + ".", true);
            return attempt.ended("broken_off", RunOutcome.HAND_BACK_LATER);
        }
        return endWith(ProductException.of(
                ErrorCode.INTERNAL_ERROR,
                "The training broke off again and again: " + FailureWords.of(failure)
                        + ". The trainer's log has the details under the job's id.",
                failure));
    }

    private int fruitlessBefore() {
        return attempt.patiently(
                "looking for checkpoints",
                () -> new LostAttempts(attempt.services(), attempt.job()).before(attempt.number()));
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
        return attempt.ended("failed", RunOutcome.DONE);
    }

    private RunOutcome withoutExports(ProductException failure) {
        LOG.errorf(failure, "exports not written jobId=%s attempt=%d", attempt.jobId(), attempt.number());
        String message = ErrorCode.EXPORT_FAILED.wireName() + ": " + failure.detail();
        attempt.send(new DomainEvent.MergeJudged(attempt.jobId(), attempt.number(), false, message, null));
        attempt.sendWaitingEvents();
        return attempt.ended("failed", RunOutcome.DONE);
    }
}
