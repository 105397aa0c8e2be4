package io.lorica.gateway.upstream;

import java.time.Duration;

import io.lorica.contracts.error.ErrorCode;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/// A caller's body that fails when it grows too large or stops getting on. Only the time in which it is asked for more
/// counts: a service that reads slowly is not the caller's fault. Confined to the request's event loop.
public final class RequestBody implements ReadStream<Buffer> {

    /// The bounds of a body.
    ///
    /// @param maxBytes how long it may be, inflated
    /// @param key the setting behind that
    /// @param window the time in which it has to get on
    /// @param progress the bytes that it has to bring in that time, if not its end
    public record Bounds(long maxBytes, String key, Duration window, long progress) {}

    private final HttpServerRequest request;
    private final Vertx vertx;
    private final Bounds bounds;
    private final long timer;
    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Throwable> failed;
    private @Nullable Handler<Void> ended;
    private @Nullable RefusedException refused;
    private boolean asked;
    private boolean over;
    private long bytes;
    private long bytesBefore;
    private long askedNanos;
    private long since = System.nanoTime();

    /// Takes over the body of a request; nothing may have been read of it.
    public RequestBody(HttpServerRequest request, Vertx vertx, Bounds bounds) {
        this.request = request;
        this.vertx = vertx;
        this.bounds = bounds;
        request.pause();
        request.handler(this::take);
        request.endHandler(end -> end());
        request.exceptionHandler(this::fail);
        this.timer = vertx.setPeriodic(Math.max(1, bounds.window().toMillis() / 4), tick -> check());
    }

    /// Why the body is not read further, null where it is.
    public @Nullable RefusedException refused() {
        return refused;
    }

    /// Tells whether the body is whole.
    public boolean over() {
        return over;
    }

    @Override
    public RequestBody handler(@Nullable Handler<Buffer> handler) {
        this.handler = handler;
        return this;
    }

    @Override
    public RequestBody exceptionHandler(@Nullable Handler<Throwable> handler) {
        this.failed = handler;
        return this;
    }

    @Override
    public RequestBody endHandler(@Nullable Handler<Void> handler) {
        this.ended = handler;
        return this;
    }

    @Override
    public RequestBody pause() {
        count();
        asked = false;
        if (!over) {
            request.pause();
        }
        return this;
    }

    @Override
    public RequestBody resume() {
        return fetch(Long.MAX_VALUE);
    }

    @Override
    public RequestBody fetch(long amount) {
        count();
        asked = true;
        request.fetch(amount);
        return this;
    }

    /// Stops watching; called when the call is over.
    public void close() {
        vertx.cancelTimer(timer);
    }

    /// Ends the reading: what still comes is dropped, and whoever reads is told why.
    public void refuse(Refusal refusal) {
        if (refused == null && !over) {
            refused = new RefusedException(refusal);
            fail(refused);
            request.resume();
        }
    }

    private void take(Buffer part) {
        if (refused != null) {
            return;
        }
        bytes += part.length();
        if (bytes > bounds.maxBytes()) {
            refuse(Refusal.tooLarge(bounds.maxBytes(), bounds.key()));
        } else if (handler != null) {
            handler.handle(part);
        }
    }

    private void end() {
        over = true;
        vertx.cancelTimer(timer);
        if (refused == null && ended != null) {
            ended.handle(null);
        }
    }

    private void fail(Throwable failure) {
        vertx.cancelTimer(timer);
        if (failed != null) {
            failed.handle(failure);
        }
    }

    private void count() {
        long now = System.nanoTime();
        askedNanos += asked ? now - since : 0;
        since = now;
    }

    private void check() {
        count();
        if (bytes - bytesBefore >= bounds.progress()) {
            bytesBefore = bytes;
            askedNanos = 0;
        } else if (askedNanos >= bounds.window().toNanos()) {
            refuse(Refusal.of(
                    408,
                    ErrorCode.REQUEST_TIMEOUT,
                    "The body stopped coming: it has to bring %d bytes, or its end, within %s; send it again."
                            .formatted(bounds.progress(), Durations.words(bounds.window()))));
        }
    }
}
