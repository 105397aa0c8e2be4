package io.lorica.dataset.messaging;

import java.time.Duration;
import java.util.function.Supplier;

import io.lorica.contracts.error.ProductException;
import org.jboss.logging.Logger;

/// Tries again, with pauses that double, as long as a failure can pass by itself. Safe for many threads.
final class Persistence {

    private static final Logger LOG = Logger.getLogger(Persistence.class);

    private final Duration firstPause;
    private final Duration longestPause;

    Persistence(Duration firstPause, Duration longestPause) {
        this.firstPause = firstPause;
        this.longestPause = longestPause;
    }

    /// The result of the first attempt that succeeds.
    ///
    /// @throws ProductException when the failure does not pass by itself
    /// @throws InterruptedException when the service stops meanwhile
    <T> T insist(String what, Supplier<T> attempt) throws InterruptedException {
        Duration pause = firstPause;
        while (true) {
            try {
                return attempt.get();
            } catch (ProductException e) {
                if (!e.code().kind().retriable()) {
                    throw e;
                }
                LOG.warnf("will try again %s cause=%s pause=%s", what, e.detail(), pause);
            }
            Thread.sleep(pause);
            Duration doubled = pause.multipliedBy(2);
            pause = doubled.compareTo(longestPause) < 0 ? doubled : longestPause;
        }
    }
}
