package io.lorica.gateway.upstream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;

/// An answer of the gateway's own to a call that it does not pass on, or cannot.
///
/// @param status the HTTP status
/// @param code the name of the failure
/// @param message a sentence that says what to do
/// @param retryAfter the seconds after which to try again, 0 where none are named
public record Refusal(int status, ErrorCode code, String message, long retryAfter) {

    private static final int TOO_LARGE = 413;

    /// A refusal with the status of its code.
    public static Refusal of(ErrorCode code, String message) {
        return new Refusal(code.kind().httpStatus(), code, message, 0);
    }

    /// A refusal with a status of its own.
    public static Refusal of(int status, ErrorCode code, String message) {
        return new Refusal(status, code, message, 0);
    }

    /// A refusal for now.
    public static Refusal later(ErrorCode code, long seconds, String message) {
        return new Refusal(code.kind().httpStatus(), code, message, seconds);
    }

    /// A body of more bytes than are passed on.
    public static Refusal tooLarge(long limit, String key) {
        return of(
                TOO_LARGE,
                ErrorCode.INVALID_REQUEST,
                "The body is larger than the %d bytes that are taken here; send less at once (%s is the limit)."
                        .formatted(limit, key));
    }

    /// The envelope that goes out.
    public ErrorEnvelope envelope() {
        return ErrorEnvelope.of(code, message, null);
    }

    /// Sends the refusal.
    public void send(HttpServerResponse response, ErrorBody errors) {
        if (retryAfter > 0) {
            response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter));
        }
        if (status == TOO_LARGE) {
            response.putHeader(HeaderRules.SHOULD_RETRY, "false");
        }
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, ErrorBody.MEDIA_TYPE)
                .end(errors.of(envelope()));
    }
}
