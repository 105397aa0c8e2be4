package io.lorica.kit.error;

import io.lorica.contracts.error.ErrorKind;

/// The HTTP status of each kind of failure.
public final class HttpStatus {

    private HttpStatus() {}

    /// The status to answer with. A conflict is a 400: OpenAI's clients repeat a 409 twice before they report it.
    public static int of(ErrorKind kind) {
        return switch (kind) {
            case INVALID, CONFLICT -> 400;
            case UNAUTHENTICATED -> 401;
            case NOT_FOUND -> 404;
            case EXHAUSTED -> 429;
            case UNAVAILABLE -> 503;
            case INTERNAL -> 500;
        };
    }
}
