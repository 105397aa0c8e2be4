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
    /// A limit is reached: memory, disk, quota.
    EXHAUSTED,
    /// Something that Lorica needs cannot be reached.
    UNAVAILABLE,
    /// Lorica itself failed.
    INTERNAL;

    /// Whether the same request may succeed later without a change.
    public boolean retriable() {
        return this == EXHAUSTED || this == UNAVAILABLE;
    }
}
