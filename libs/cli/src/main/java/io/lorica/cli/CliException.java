package io.lorica.cli;

/// Something that the person at the keyboard can mend; the message says how.
public final class CliException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CliException(String message) {
        super(message);
    }

    CliException(String message, Throwable cause) {
        super(message, cause);
    }
}
