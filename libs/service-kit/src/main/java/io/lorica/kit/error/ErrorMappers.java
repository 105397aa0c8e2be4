package io.lorica.kit.error;

import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import jakarta.validation.ConstraintViolationException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;
import org.jspecify.annotations.Nullable;

/// Turns whatever a resource throws into an error envelope: never a class name, never a stack trace.
public final class ErrorMappers {

    private static final Logger LOG = Logger.getLogger(ErrorMappers.class);
    private static final String RETRY_AFTER_SECONDS = "2";

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
            default -> {
                if (status >= 500) {
                    LOG.errorf(failure, "request failed status=%d", status);
                }
                ErrorKind kind = status >= 500 ? ErrorKind.INTERNAL : ErrorKind.INVALID;
                ErrorCode code = status >= 500 ? ErrorCode.INTERNAL_ERROR : ErrorCode.INVALID_REQUEST;
                yield answer(status, ErrorEnvelope.of(code, sentence(failure), null), kind);
            }
        };
    }

    /// A value that a type refuses; the message of our own types is written for the user.
    @ServerExceptionMapper
    public Response argument(IllegalArgumentException failure) {
        LOG.debug("request refused", failure);
        return answer(400, ErrorEnvelope.of(ErrorCode.INVALID_REQUEST, sentence(failure), null), ErrorKind.INVALID);
    }

    /// Everything else is our fault.
    @ServerExceptionMapper
    public Response unexpected(Throwable failure) {
        LOG.error("request failed", failure);
        String message = "Something failed inside Lorica. The service's log has the details under this request id.";
        return answer(500, ErrorEnvelope.of(ErrorCode.INTERNAL_ERROR, message, null), ErrorKind.INTERNAL);
    }

    private static Response invalidJson(JsonProcessingException failure) {
        String path = failure instanceof JsonMappingException mapping ? path(mapping) : null;
        boolean unknown = failure instanceof UnrecognizedPropertyException;
        String message = unknown
                ? "'" + path + "' is not a parameter of this call; remove it or correct its name."
                : "The body cannot be read as JSON of the expected form: " + firstSentence(failure) + ".";
        ErrorCode code = unknown ? ErrorCode.UNKNOWN_PARAMETER : ErrorCode.INVALID_JSON;
        return answer(400, ErrorEnvelope.of(code, message, path), ErrorKind.INVALID);
    }

    private static String firstSentence(JsonProcessingException failure) {
        Throwable cause = failure.getCause();
        String message = cause instanceof IllegalArgumentException ? cause.getMessage() : failure.getOriginalMessage();
        return message == null ? "it is malformed" : message.lines().findFirst().orElse("it is malformed");
    }

    private static @Nullable String path(JsonMappingException failure) {
        String path = failure.getPath().stream()
                .map(reference ->
                        reference.getFieldName() == null ? "[" + reference.getIndex() + "]" : reference.getFieldName())
                .collect(Collectors.joining("."));
        return path.isEmpty() ? null : path;
    }

    private static String lastNode(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private static String sentence(Throwable failure) {
        String message = failure.getMessage();
        return message == null ? "The request cannot be served." : message;
    }

    private static Response answer(int status, ErrorEnvelope envelope, ErrorKind kind) {
        Response.ResponseBuilder response =
                Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(envelope);
        return (kind.retriable() ? response.header("retry-after", RETRY_AFTER_SECONDS) : response).build();
    }
}
