package io.lorica.trainer.execution;

import java.time.Duration;
import java.util.function.Supplier;

import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.trainer.config.TrainerConfig;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Waits for what is away. A store or a broker that cannot be reached delays a job; it does not fail it.
@Singleton
public final class Patience {

    private static final Logger LOG = Logger.getLogger(Patience.class);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

    private final Duration longestPause;

    Patience(TrainerConfig config) {
        this.longestPause = config.longestRetryPause();
    }

    /// Calls until it succeeds, fails for good, or the run must stop for a reason that leaves the work to
    /// others.
    public <T> T call(String what, RunSignals signals, Supplier<T> action) {
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                return action.get();
            } catch (ProductException e) {
                if (e.code().kind() != ErrorKind.UNAVAILABLE || leavesWorkToOthers(signals)) {
                    throw e;
                }
                LOG.warnf("%s waits: %s", what, e.detail());
            }
            sleep(pause);
            pause = pause.multipliedBy(2).compareTo(longestPause) < 0 ? pause.multipliedBy(2) : longestPause;
        }
    }

    private static boolean leavesWorkToOthers(RunSignals signals) {
        return signals.stopReason()
                .filter(reason -> reason != RunSignals.StopReason.CANCELLED)
                .isPresent();
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting", e);
        }
    }
}
