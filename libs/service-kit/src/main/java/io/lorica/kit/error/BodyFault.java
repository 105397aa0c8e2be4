package io.lorica.kit.error;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

import io.vertx.core.http.HttpClosedException;

/// Faults of a caller's connection or body that reach a service as exceptions of the HTTP layer.
enum BodyFault {
    /// The caller hung up.
    GONE,
    /// The body stopped coming.
    STALLED,
    /// The body is not the multipart form that it says it is.
    BROKEN_FORM;

    private static final String READING = "org.jboss.resteasy.reactive.server.vertx.VertxInputStream";
    private static final String WRITING = "org.jboss.resteasy.reactive.server.vertx.ResteasyReactiveOutputStream";
    private static final String FORMS = "org.jboss.resteasy.reactive.server.core.multipart.";
    private static final String FORM_HANDLER = "org.jboss.resteasy.reactive.server.handlers.FormBodyHandler";
    private static final int DEEPEST = 10;

    /// The fault that a failure is, empty where it is Lorica's own.
    static Optional<BodyFault> of(Throwable failure) {
        if (causes(failure).anyMatch(BodyFault::closed)) {
            return Optional.of(GONE);
        }
        if (failure instanceof IOException && "Read timed out".equals(failure.getMessage()) && in(failure, READING)) {
            return Optional.of(STALLED);
        }
        if (failure instanceof IOException && (in(failure, READING) || in(failure, WRITING))) {
            return Optional.of(GONE);
        }
        return in(failure, FORMS) || in(failure, FORM_HANDLER) ? Optional.of(BROKEN_FORM) : Optional.empty();
    }

    private static boolean closed(Throwable failure) {
        boolean end = failure instanceof HttpClosedException || failure instanceof ClosedChannelException;
        return end || String.valueOf(failure.getMessage()).endsWith("HttpClosedException: Connection was closed");
    }

    // Some chains of the HTTP layer bite their own tail.
    private static Stream<Throwable> causes(Throwable failure) {
        return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
                .limit(DEEPEST);
    }

    private static boolean in(Throwable failure, String code) {
        return Arrays.stream(failure.getStackTrace())
                .anyMatch(frame -> frame.getClassName().startsWith(code));
    }
}
