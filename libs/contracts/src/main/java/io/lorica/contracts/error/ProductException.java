package io.lorica.contracts.error;

import org.jspecify.annotations.Nullable;

/// A failure in the user's terms. The message is a sentence that says what to do; the parameter names the part of the
/// request that is wrong, where one is.
public final class ProductException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final @Nullable String parameter;

    private ProductException(ErrorCode code, String message, @Nullable String parameter, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.parameter = parameter;
    }

    /// A failure that no single parameter explains.
    public static ProductException of(ErrorCode code, String message) {
        return new ProductException(code, message, null, null);
    }

    /// A failure with the exception behind it.
    public static ProductException of(ErrorCode code, String message, Throwable cause) {
        return new ProductException(code, message, null, cause);
    }

    /// A failure that one parameter of the request explains.
    public static ProductException forParameter(ErrorCode code, String parameter, String message) {
        return new ProductException(code, message, parameter, null);
    }

    /// Which failure it is.
    public ErrorCode code() {
        return code;
    }

    /// The part of the request that is wrong, null where none is.
    public @Nullable String parameter() {
        return parameter;
    }

    /// The message, never null.
    public String detail() {
        String message = getMessage();
        return message == null ? code.wireName() : message;
    }
}
