package io.lorica.trainer.messaging;

import java.time.Duration;

import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import org.jboss.logging.Logger;

/// How the listeners meet a store or a broker that is away: they wait, so that no message is lost.
final class Unavailability {

    /// How long a listener waits for its view of the jobs.
    static final Duration VIEW_PATIENCE = Duration.ofSeconds(10);

    private static final Logger LOG = Logger.getLogger(Unavailability.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private Unavailability() {}

    /// Does the work, again and again while something that it needs cannot be reached.
    static void outlast(String what, Runnable work) throws InterruptedException {
        while (true) {
            try {
                work.run();
                return;
            } catch (ProductException e) {
                if (e.code().kind() != ErrorKind.UNAVAILABLE) {
                    throw e;
                }
                LOG.warnf("%s waits: %s", what, e.detail());
                Thread.sleep(PAUSE);
            }
        }
    }
}
