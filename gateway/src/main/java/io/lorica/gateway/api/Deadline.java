package io.lorica.gateway.api;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import io.vertx.core.Vertx;

/// A moment at which something is done unless it is put off. Putting it off costs no new timer. Confined to one event
/// loop.
final class Deadline {

    private static final long NONE = Long.MAX_VALUE;

    private final Vertx vertx;
    private final Runnable action;
    private long at = NONE;
    private long timer = -1;
    private long timerAt = NONE;

    Deadline(Vertx vertx, Runnable action) {
        this.vertx = vertx;
        this.action = action;
    }

    /// Sets the moment anew.
    void in(Duration time) {
        at = System.nanoTime() + time.toNanos();
        if (timerAt == NONE || at - timerAt < 0) {
            arm();
        }
    }

    /// Takes the moment back until it is set anew.
    void off() {
        at = NONE;
    }

    /// Takes the moment back for good.
    void cancel() {
        off();
        vertx.cancelTimer(timer);
    }

    private void arm() {
        vertx.cancelTimer(timer);
        timerAt = at;
        long millis = TimeUnit.NANOSECONDS.toMillis(at - System.nanoTime());
        timer = vertx.setTimer(Math.max(1, millis + 1), fired -> fire());
    }

    private void fire() {
        timerAt = NONE;
        if (at == NONE) {
            return;
        }
        if (at - System.nanoTime() > 0) {
            arm();
        } else {
            at = NONE;
            action.run();
        }
    }
}
