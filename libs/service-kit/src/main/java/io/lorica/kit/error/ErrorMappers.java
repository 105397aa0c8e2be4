package io.lorica.kit.error;

import java.util.Optional;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.FailureWords;
import io.lorica.contracts.error.ProductException;
import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/// Turns whatever a resource throws into an error envelope: never a class name, never a stack trace.
public final class ErrorMappers {

    private static final Logger LOG = Logger.getLogger(ErrorMappers.class);
    private static final String RETRY_AFTER_SECONDS = "2";
    private static final int TOO_LARGE = 413;
    private static final String FAILED =
            "Something failed inside Lorica. The service's log has the details under this request id.";
    private static final String UNREADABLE =
            "The request holds something that cannot be read; docs/api.md says what each address takes.";

    /// A failure in the user's terms.
    @ServerExceptionMapper
    public Response product(ProductException failure) {
        ErrorKind kind = failure.code().kind();
        if (kind == ErrorKind.INTERNAL) {
            LOG.errorf(failure, "request failed code=%s", failure.code().wireName());
        }
        return answer(HttpStatus.of(kind), ErrorEnvelope.of(failure), kind);
    }

    /// A body that is not JSON, or not of the expected form.
    @ServerExceptionMapper
    public Response json(JsonProcessingException failure) {
        return invalidJson(failure);
    }

    /// A body whose JSON does not fit. Declared beside its supertype because the HTTP layer brings a mapper for
    /// exactly this type, whose answer has no envelope.
    @ServerExceptionMapper
    public Response mismatch(MismatchedInputException failure) {
        return invalidJson(failure);
    }

    /// A parameter that breaks a declared rule.
    @ServerExceptionMapper
    public Response constraint(ConstraintViolationException failure) {
        String message = failure.getConstraintViolations().stream()
                .map(violation -> lastNode(violation.getPropertyPath().toString()) + " " + violation.getMessage())
                .sorted()
                .collect(Collectors.joining("; "));
        String parameter = failure.getConstraintViolations().stream()
                .map(violation -> lastNode(violation.getPropertyPath().toString()))
                .sorted()
                .findFirst()
                .orElse(null);
        return answer(400, ErrorEnvelope.of(ErrorCode.INVALID_REQUEST, message + ".", parameter), ErrorKind.INVALID);
    }

    /// What the HTTP layer itself refuses: no such route, method or media type; an unreadable body.
    @ServerExceptionMapper
    public Response http(WebApplicationException failure) {
        if (failure.getCause() instanceof JsonProcessingException cause) {
            return invalidJson(cause);
        }
        int status = failure.getResponse().getStatus();
        return switch (status) {
            case 404 ->
                answer(
                        404,
                        ErrorEnvelope.of(ErrorCode.ROUTE_NOT_FOUND, "There is no such address; see docs/api.md.", null),
                        ErrorKind.NOT_FOUND);
            case 405 ->
                answer(
                        405,
                        ErrorEnvelope.of(
                                ErrorCode.INVALID_REQUEST, "This address does not take that HTTP method.", null),
                        ErrorKind.INVALID);
            case 415 ->
                answer(
                        415,
                        ErrorEnvelope.of(
                                ErrorCode.INVALID_REQUEST,
                                "This address does not read a body of that Content-Type. Send JSON with the header"
                                        + " 'Content-Type: application/json'; only POST /v1/files takes"
                                        + " multipart/form-data.",
                                null),
                        ErrorKind.INVALID);
            case 413 ->
                answer(
                        413,
                        ErrorEnvelope.of(
                                ErrorCode.INVALID_REQUEST,
                                "The body is larger than this service reads; send less at once.",
                                null),
                        ErrorKind.INVALID);
            default -> {
                if (status >= 500) {
                    LOG.errorf(failure, "request failed status=%d", status);
                }
                ErrorKind kind = status >= 500 ? ErrorKind.INTERNAL : ErrorKind.INVALID;
                ErrorCode code = status >= 500 ? ErrorCode.INTERNAL_ERROR : ErrorCode.INVALID_REQUEST;
                yield answer(status, ErrorEnvelope.of(code, status >= 500 ? FAILED : UNREADABLE, null), kind);
            }
        };
    }

    /// A value that a type refuses; the message of our own types is written for the user, that of a library is not.
    @ServerExceptionMapper
    public Response argument(IllegalArgumentException failure) {
        LOG.debug("request refused", failure);
        return answer(400, ErrorEnvelope.of(ErrorCode.INVALID_REQUEST, ownWords(failure), null), ErrorKind.INVALID);
    }

    /// What the caller's connection or body is to blame for, and everything else, which is our fault.
    @ServerExceptionMapper
    public Response unexpected(Throwable failure) {
        Optional<BodyFault> fault = BodyFault.of(failure);
        if (fault.isPresent()) {
            LOG.debug("request cannot be read", failure);
            return answer(fault.get());
        }
        LOG.error("request failed", failure);
        return answer(500, ErrorEnvelope.of(ErrorCode.INTERNAL_ERROR, FAILED, null), ErrorKind.INTERNAL);
    }

    private static Response answer(BodyFault fault) {
        return switch (fault) {
            case GONE -> answer(400, ErrorCode.INVALID_REQUEST, "The connection was closed before the body was whole.");
            case STALLED ->
                answer(408, ErrorCode.REQUEST_TIMEOUT, "The body stopped coming before it was whole; send it again.");
            case BROKEN_FORM ->
                answer(
                        400,
                        ErrorCode.INVALID_REQUEST,
                        "The body is no whole multipart/form-data: check the boundary in the header Content-Type, the"
                                + " heads of the parts and the closing boundary, or leave the form to your HTTP client.");
        };
    }

    private static Response answer(int status, ErrorCode code, String message) {
        return answer(status, ErrorEnvelope.of(code, message, null), code.kind());
    }

    private static Response invalidJson(JsonProcessingException failure) {
        String path = failure instanceof JsonMappingException mapping ? JsonFault.path(mapping) : null;
        boolean unknown = failure instanceof UnrecognizedPropertyException;
        String message = unknown
                ? "'" + path + "' is not a parameter of this call; remove it or correct its name."
                : "The body " + JsonFault.words(failure) + ".";
        ErrorCode code = unknown ? ErrorCode.UNKNOWN_PARAMETER : ErrorCode.INVALID_JSON;
        return answer(400, ErrorEnvelope.of(code, message, path), ErrorKind.INVALID);
    }

    private static String lastNode(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private static String ownWords(IllegalArgumentException failure) {
        String message = failure.getMessage();
        StackTraceElement[] trace = failure.getStackTrace();
        boolean own = trace.length > 0 && trace[0].getClassName().startsWith("io.lorica.");
        if (!own || message == null || FailureWords.namesCode(message)) {
            LOG.warnf("a library refused a value of the request: %s", failure);
            return UNREADABLE;
        }
        return message.endsWith(".") ? message : message + ".";
    }

    private static Response answer(int status, ErrorEnvelope envelope, ErrorKind kind) {
        Response.ResponseBuilder response =
                Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(envelope);
        if (kind == ErrorKind.EXHAUSTED || status == TOO_LARGE) {
            // OpenAI's clients repeat some of these at once, which helps nobody.
            response.header("x-should-retry", "false");
        } else if (kind.retriable()) {
            response.header("retry-after", RETRY_AFTER_SECONDS);
        }
        return response.build();
    }
}
