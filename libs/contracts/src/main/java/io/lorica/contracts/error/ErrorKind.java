package io.lorica.contracts.error;

/// What sort of failure it is, and with that who can mend it and whether to try again.
public enum ErrorKind {
    /// The request is wrong; the caller must change it.
    INVALID,
    /// The caller did not say who they are, or said it wrongly.
    UNAUTHENTICATED,
    /// The thing asked for does not exist.
    NOT_FOUND,
    /// The thing is in a state that does not allow it.
    CONFLICT,
    /// The caller asks more often, or for more at once, than is allowed.
    RATE_LIMITED,
    /// Memory or disk is used up; that does not pass within seconds.
    EXHAUSTED,
    /// Something that Lorica needs cannot be reached.
    UNAVAILABLE,
    /// Lorica itself failed.
    INTERNAL;

    /// Whether the same request may succeed later without a change.
    public boolean retriable() {
        return this == RATE_LIMITED || this == EXHAUSTED || this == UNAVAILABLE;
    }

    /// The HTTP status to answer with. A conflict is a 400: OpenAI's clients repeat a 409 twice before they report it.
    public int httpStatus() {
        return switch (this) {
            case INVALID, CONFLICT -> 400;
            case UNAUTHENTICATED -> 401;
            case NOT_FOUND -> 404;
            case RATE_LIMITED -> 429;
            case EXHAUSTED, UNAVAILABLE -> 503;
            case INTERNAL -> 500;
        };
    }
}
