package io.lorica.contracts.error;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// The body of every error answer, in the form that OpenAI's clients read: all four keys are always present.
///
/// @param error the error
public record ErrorEnvelope(Body error) {

    /// @param message a sentence that says what to do
    /// @param type the sort of failure, such as `invalid_request_error`
    /// @param param the part of the request that is wrong
    /// @param code the name of the failure
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record Body(
            String message,
            String type,
            @Nullable String param,
            @Nullable String code) {}

    /// The envelope of a failure.
    public static ErrorEnvelope of(ProductException failure) {
        return of(failure.code(), failure.detail(), failure.parameter());
    }

    /// The envelope of a failure that has no exception.
    public static ErrorEnvelope of(ErrorCode code, String message, @Nullable String parameter) {
        return new ErrorEnvelope(new Body(message, type(code.kind()), parameter, code.wireName()));
    }

    private static String type(ErrorKind kind) {
        return switch (kind) {
            case INVALID, NOT_FOUND, CONFLICT -> "invalid_request_error";
            case UNAUTHENTICATED -> "authentication_error";
            // OpenAI names what was counted; Lorica counts requests only.
            case RATE_LIMITED -> "requests";
            case EXHAUSTED, UNAVAILABLE, INTERNAL -> "server_error";
        };
    }
}
