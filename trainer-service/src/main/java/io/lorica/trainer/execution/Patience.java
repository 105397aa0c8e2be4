package io.lorica.trainer.execution;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.kit.retry.MachineFault;
import io.lorica.kit.retry.Retry;
import io.lorica.trainer.config.TrainerConfig;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// Waits out faults of the machine: a store, a hub or a broker that is away, a disk that is full. They delay a job and
/// do not fail it. Each wait is told when it begins, when its cause changes, and when it is over.
@Singleton
public final class Patience {

    private static final Logger LOG = Logger.getLogger(Patience.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LOOK_AT_SIGNALS = Duration.ofMillis(200);

    private final Retry retry;
    private final TrainerConfig config;
    private final TrainerMetrics metrics;

    Patience(TrainerConfig config, TrainerMetrics metrics) {
        Duration longest = config.longestRetryPause();
        this.retry = new Retry(longest.compareTo(FIRST_PAUSE) < 0 ? longest : FIRST_PAUSE, longest);
        this.config = config;
        this.metrics = metrics;
    }

    /// Hears of waits.
    @FunctionalInterface
    interface Listener {

        /// @param until when the wait was over, null while it lasts
        void delayed(String doing, ErrorCode code, String message, Instant since, @Nullable Instant until);
    }

    /// Calls until it succeeds, fails for good, or the run must stop: a cancelled one still has a moment to save what
    /// it
    /// learned.
    <T> T call(String what, RunSignals signals, Listener listener, Supplier<T> action) {
        try {
            return retry.call(new Waiting(what, signals, listener), () -> translated(action));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting", e);
        }
    }

    /// The fault of the machine behind a failure, or the failure itself.
    RuntimeException translate(RuntimeException failure, long needed) {
        return MachineFault.behind(failure, config.workDirectory(), "lorica.trainer.work-directory", needed)
                .map(RuntimeException.class::cast)
                .orElse(failure);
    }

    /// How long to wait after so many tries in vain.
    public Duration pauseAfter(int failures) {
        Duration pause = retry.firstPause();
        for (int i = 1; i < failures && pause.compareTo(retry.longestPause()) < 0; i++) {
            pause = retry.after(pause);
        }
        return pause;
    }

    private <T> T translated(Supplier<T> action) {
        try {
            return action.get();
        } catch (RuntimeException e) {
            throw translate(e, 0);
        }
    }

    /// One wait, from its first failure on.
    private final class Waiting implements Retry.Wait {

        private final String what;
        private final RunSignals signals;
        private final Listener listener;
        private @Nullable ErrorCode cause;
        private String message = "";
        private Instant since = Instant.EPOCH;

        private Waiting(String what, RunSignals signals, Listener listener) {
            this.what = what;
            this.signals = signals;
            this.listener = listener;
        }

        @Override
        public boolean begins(ProductException failure, Duration pause) {
            if (leaves()) {
                return false;
            }
            LOG.warnf("%s waits %s: %s", what, pause, failure.detail());
            if (cause != failure.code()) {
                since = cause == null ? Instant.now() : since;
                cause = failure.code();
                message = failure.detail();
                metrics.waits(failure.code(), since);
                listener.delayed(what, failure.code(), message, since, null);
            }
            signals.activity().advance();
            return true;
        }

        @Override
        public void pause(Duration length) throws InterruptedException {
            long end = System.nanoTime() + length.toNanos();
            for (long left = length.toNanos(); left > 0 && !leaves(); left = end - System.nanoTime()) {
                Thread.sleep(Math.min(LOOK_AT_SIGNALS.toMillis(), Math.max(1, left / 1_000_000)));
            }
        }

        @Override
        public void over() {
            metrics.waitsNoMore();
            listener.delayed(what, cause == null ? ErrorCode.INTERNAL_ERROR : cause, message, since, Instant.now());
        }

        // Half of the time that a run has for its end, so that it can still end by itself.
        private boolean leaves() {
            return signals.stopReason()
                    .filter(reason -> switch (reason) {
                        case SHUTDOWN -> stoppedFor(config.stopGrace().dividedBy(2));
                        case CANCELLED -> stoppedFor(config.releaseWithin().dividedBy(2));
                        case LEASE_LOST, GIVEN_UP -> true;
                    })
                    .isPresent();
        }

        private boolean stoppedFor(Duration time) {
            return signals.stoppedAt()
                    .filter(at -> System.nanoTime() - at > time.toNanos())
                    .isPresent();
        }
    }
}
