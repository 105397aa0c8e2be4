package io.lorica.gateway.api;

import java.time.Duration;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;

/// A caller's connection and the time that it may take for what comes next. Confined to the connection's event loop.
final class CallerConnection {

    private static final Duration LINGER = Duration.ofSeconds(5);

    private final Duration head;
    private final Duration keepAlive;
    private final Deadline deadline;
    private Runnable atClose = () -> {};

    CallerConnection(Vertx vertx, HttpConnection connection, Duration head, Duration keepAlive) {
        this.head = head;
        this.keepAlive = keepAlive;
        this.deadline = new Deadline(vertx, connection::close);
    }

    /// The connection is open; the head of a request has to come.
    void opened() {
        deadline.in(head);
    }

    /// A request has come; its body and its answer have limits of their own.
    ///
    /// @param atClose told when the connection closes, since an answer that is reset does not say that it is over
    void busy(Runnable atClose) {
        this.atClose = atClose;
        deadline.off();
    }

    /// The answer is out; the next request has to come.
    void idle() {
        deadline.in(keepAlive);
    }

    /// The answer is out before the body was read; the caller gets time to read it.
    void linger() {
        deadline.in(LINGER);
    }

    void closed() {
        atClose.run();
        deadline.cancel();
    }
}
