package io.lorica.gateway.upstream;

import java.util.function.Supplier;

import io.lorica.contracts.error.ErrorEnvelope;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.ReadStream;
import org.jspecify.annotations.Nullable;

/// Server-sent events on their way to a caller, passed on in whole frames. A failure in mid-stream therefore never cuts
/// a frame, and becomes a last frame `data: {"error":…}`. Confined to the request's event loop.
final class EventFrames implements ReadStream<Buffer> {

    // A frame of more than this is passed on in parts.
    private static final int MAX_HELD = 1 << 20;

    private final ReadStream<Buffer> source;
    private final Supplier<ErrorEnvelope> broken;
    private final ErrorBody errors;
    private Buffer held = Buffer.buffer();
    private @Nullable Handler<Buffer> handler;
    private @Nullable Handler<Void> ended;
    private boolean over;

    /// @param source the service's events
    /// @param broken the failure that a service's end in mid-stream is
    EventFrames(ReadStream<Buffer> source, Supplier<ErrorEnvelope> broken, ErrorBody errors) {
        this.source = source;
        this.broken = broken;
        this.errors = errors;
        source.handler(this::take);
        source.endHandler(end -> finish(held));
        source.exceptionHandler(failure -> breakOff(broken.get()));
    }

    /// Ends the stream with an error.
    void breakOff(ErrorEnvelope envelope) {
        finish(Buffer.buffer("data: ").appendBuffer(errors.of(envelope)).appendString("\n\n"));
    }

    @Override
    public EventFrames exceptionHandler(@Nullable Handler<Throwable> handler) {
        return this;
    }

    @Override
    public EventFrames handler(@Nullable Handler<Buffer> handler) {
        this.handler = handler;
        return this;
    }

    @Override
    public EventFrames endHandler(@Nullable Handler<Void> handler) {
        this.ended = handler;
        return this;
    }

    @Override
    public EventFrames pause() {
        source.pause();
        return this;
    }

    @Override
    public EventFrames resume() {
        source.resume();
        return this;
    }

    @Override
    public EventFrames fetch(long amount) {
        source.fetch(amount);
        return this;
    }

    private void take(Buffer part) {
        if (over) {
            return;
        }
        Buffer all = held.length() == 0 ? part : held.appendBuffer(part);
        int end = endOfLastFrame(all);
        if (end == 0 && all.length() > MAX_HELD) {
            end = all.length();
        }
        held = end == all.length() ? Buffer.buffer() : all.getBuffer(end, all.length());
        if (end > 0) {
            emit(end == all.length() ? all : all.getBuffer(0, end));
        } else {
            // Nothing went out, so nothing will ask for more.
            source.fetch(1);
        }
    }

    private void finish(Buffer last) {
        if (over) {
            return;
        }
        over = true;
        if (last.length() > 0) {
            emit(last);
        }
        if (ended != null) {
            ended.handle(null);
        }
    }

    private void emit(Buffer frames) {
        if (handler != null) {
            handler.handle(frames);
        }
    }

    private static int endOfLastFrame(Buffer text) {
        for (int i = text.length() - 1; i > 0; i--) {
            if (text.getByte(i) == '\n' && text.getByte(i - 1) == '\n') {
                return i + 1;
            }
        }
        return 0;
    }
}
