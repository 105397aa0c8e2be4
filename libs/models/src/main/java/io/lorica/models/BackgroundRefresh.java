package io.lorica.models;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

import io.lorica.contracts.error.ProductException;
import org.jboss.logging.Logger;

/// Looks in the background whether what is kept here has changed where it came from: one look at a time for a model,
/// and
/// not again until some time has passed. Nobody waits for it, and a place that is away is only noted in the log.
final class BackgroundRefresh {

    private static final Logger LOG = Logger.getLogger(BackgroundRefresh.class);

    private final Duration pause;
    private final Map<String, Look> looks = new ConcurrentHashMap<>();

    /// @param pause how long after a look the next one of the same model may begin
    BackgroundRefresh(Duration pause) {
        this.pause = pause;
    }

    /// When a model was last looked for.
    private static final class Look {
        private final AtomicBoolean running = new AtomicBoolean();
        private volatile long next = System.nanoTime();
    }

    /// Begins a look, unless one is under way or was a short time ago.
    ///
    /// @param model the model's name
    void soon(String model, Runnable look) {
        Look state = looks.computeIfAbsent(model, _ -> new Look());
        if (System.nanoTime() - state.next >= 0 && state.running.compareAndSet(false, true)) {
            Thread.ofVirtual().name("model-refresh").start(() -> run(model, state, look));
        }
    }

    private void run(String model, Look state, Runnable look) {
        try {
            look.run();
        } catch (ProductException e) {
            LOG.warnf(
                    "could not look for a newer revision, the model stays as fetched last model=%s: %s",
                    model, e.detail());
        } catch (RuntimeException e) {
            LOG.warnf(e, "could not look for a newer revision, the model stays as fetched last model=%s", model);
        } finally {
            state.next = System.nanoTime() + pause.toNanos();
            state.running.set(false);
        }
    }
}
