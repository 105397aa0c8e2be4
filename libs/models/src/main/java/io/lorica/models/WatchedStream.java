package io.lorica.models;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/// Ends a read that gets no byte for too long. Java's HTTP client waits without end for the rest of a body.
final class WatchedStream extends FilterInputStream {

    private static final ScheduledExecutorService WATCH = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("download-watch").factory());

    private final Duration silence;
    private volatile boolean silent;

    WatchedStream(InputStream source, Duration silence) {
        super(source);
        this.silence = silence;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        ScheduledFuture<?> watch = WATCH.schedule(this::end, silence.toMillis(), TimeUnit.MILLISECONDS);
        try {
            int count = super.read(buffer, offset, length);
            if (silent) {
                throw new IOException("no byte came for " + silence.toSeconds() + " s");
            }
            return count;
        } finally {
            watch.cancel(false);
        }
    }

    private void end() {
        silent = true;
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
