package io.lorica.trainer.execution;

import java.time.Instant;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.jspecify.annotations.Nullable;

/// Checkpoints that wait for store or disk while the training goes on: tells of it, and says when it is time for
/// another try. Belongs to the training thread.
final class CheckpointDelays implements CheckpointSaves.Delays {

    private static final String DOING = "saving a checkpoint";

    private final Attempt attempt;
    private @Nullable ErrorCode cause;
    private String message = "";
    private Instant since = Instant.EPOCH;
    private int failures;
    private long nextTry;

    CheckpointDelays(Attempt attempt) {
        this.attempt = attempt;
    }

    @Override
    public RuntimeException translate(RuntimeException failure, long needed) {
        return attempt.services().patience().translate(failure, needed);
    }

    @Override
    public void postponed(ProductException failure) {
        failures++;
        nextTry = System.nanoTime()
                + attempt.services().patience().pauseAfter(failures).toNanos();
        if (cause != failure.code()) {
            since = cause == null ? Instant.now() : since;
            cause = failure.code();
            message = failure.detail();
            attempt.services().metrics().waits(failure.code(), since);
            attempt.delayed(DOING, failure.code(), message, since, null);
        }
    }

    @Override
    public boolean due() {
        return failures == 0 || System.nanoTime() - nextTry >= 0;
    }

    @Override
    public void saved() {
        ErrorCode waited = cause;
        cause = null;
        failures = 0;
        if (waited != null) {
            attempt.services().metrics().waitsNoMore();
            attempt.delayed(DOING, waited, message, since, Instant.now());
        }
    }
}
