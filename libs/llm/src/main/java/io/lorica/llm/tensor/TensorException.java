package io.lorica.llm.tensor;

/// An operation of libtorch failed. The message names the operation and the shapes that it was given; libtorch's own
/// reason goes to the error stream.
public final class TensorException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TensorException(String message) {
        super(message);
    }

    TensorException(String message, Throwable cause) {
        super(message, cause);
    }
}
