package io.lorica.llm.cuda;

/// CUDA is missing or refused a call. The message names the call, CUDA's own error and what to do.
public final class CudaException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CudaException(String message) {
        super(message);
    }

    CudaException(String message, Throwable cause) {
        super(message, cause);
    }

    /// What a native call threw, as something to throw on.
    static RuntimeException of(Throwable thrown) {
        if (thrown instanceof RuntimeException exception) {
            return exception;
        }
        if (thrown instanceof Error error) {
            throw error;
        }
        return new CudaException("a native call failed", thrown);
    }
}
