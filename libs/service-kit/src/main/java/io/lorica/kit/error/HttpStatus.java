package io.lorica.kit.error;

import io.lorica.contracts.error.ErrorKind;

/// The HTTP status of each kind of failure.
public final class HttpStatus {

    private HttpStatus() {}

    /// The status to answer with.
    public static int of(ErrorKind kind) {
        return kind.httpStatus();
    }
}
