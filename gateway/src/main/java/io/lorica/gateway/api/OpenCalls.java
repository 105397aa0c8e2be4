package io.lorica.gateway.api;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.lorica.gateway.upstream.Refusal;
import jakarta.inject.Singleton;

/// The calls in progress, and whether new ones are taken. Thread-safe.
@Singleton
final class OpenCalls {

    private static final Duration LOOK = Duration.ofMillis(50);

    private final Set<Call> calls = ConcurrentHashMap.newKeySet();
    private volatile Phase phase = Phase.OPEN;

    /// What becomes of new calls.
    enum Phase {
        /// They are served.
        OPEN,
        /// They are served, and their connections are closed after the answer: the gateway is about to stop.
        LEAVING,
        /// They are refused: the gateway stops.
        CLOSED
    }

    Phase phase() {
        return phase;
    }

    void enter(Phase next) {
        phase = next;
    }

    void add(Call call) {
        calls.add(call);
        call.atEnd(() -> calls.remove(call));
    }

    int count() {
        return calls.size();
    }

    /// Waits until no call is in progress, but not longer than the patience; `true` if none is.
    boolean awaitNone(Duration patience) throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        while (!calls.isEmpty() && System.nanoTime() - until < 0) {
            Thread.sleep(LOOK);
        }
        return calls.isEmpty();
    }

    void breakOff(Refusal refusal) {
        calls.forEach(call -> call.breakOff(refusal));
    }
}
