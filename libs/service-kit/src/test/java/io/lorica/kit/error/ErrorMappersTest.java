package io.lorica.kit.error;

import java.io.IOException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.JobId;
import io.lorica.kit.http.StrictJson;
import io.vertx.core.http.HttpClosedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.core.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class ErrorMappersTest {

    private final ErrorMappers mappers = new ErrorMappers();

    @ParameterizedTest
    @CsvSource({
        "INVALID, 400",
        "CONFLICT, 400",
        "UNAUTHENTICATED, 401",
        "NOT_FOUND, 404",
        "RATE_LIMITED, 429",
        "EXHAUSTED, 503",
        "UNAVAILABLE, 503",
        "INTERNAL, 500"
    })
    void answersEachKindWithItsStatus(ErrorKind kind, int status) {
        assertThat(HttpStatus.of(kind)).isEqualTo(status);
    }

    @Test
    void namesTheParameterAndWhatToDo() {
        // Given
        ProductException failure = ProductException.forParameter(
                ErrorCode.INVALID_PURPOSE, "training_file", "Upload the file with purpose fine-tune.");

        // When
        Response response = mappers.product(failure);

        // Then
        assertThat(response.getStatus()).isEqualTo(400);
        assertThat(body(response))
                .isEqualTo(new ErrorEnvelope.Body(
                        "Upload the file with purpose fine-tune.",
                        "invalid_request_error",
                        "training_file",
                        "invalid_purpose"));
    }

    @Test
    void asksToTryAgainWhereThatHelps() {
        // When
        Response response = mappers.product(ProductException.of(ErrorCode.STORE_UNAVAILABLE, "The store is away."));

        // Then
        assertThat(response.getStatus()).isEqualTo(503);
        assertThat(response.getHeaderString("retry-after")).isNotNull();
    }

    @Test
    void namesAnUnknownProperty() {
        // Given
        JsonProcessingException failure = catchThrowableOfType(
                JsonProcessingException.class,
                () -> new ObjectMapper().readValue("{\"modle\":1}", ErrorEnvelope.class));

        // When
        Response response = mappers.json(failure);

        // Then
        assertThat(body(response).param()).isEqualTo("modle");
        assertThat(body(response).code()).isEqualTo("unknown_parameter");
    }

    @Test
    void neverShowsAClassNameOfAnUnexpectedFailure() {
        // When
        Response response = mappers.unexpected(new IllegalStateException("secret detail"));

        // Then
        assertThat(response.getStatus()).isEqualTo(500);
        assertThat(body(response).message()).doesNotContain("secret", "Exception");
    }

    @Test
    void answersAnUnknownAddressWithAnEnvelope() {
        // When
        Response response = mappers.http(new NotFoundException());

        // Then
        assertThat(response.getStatus()).isEqualTo(404);
        assertThat(body(response).code()).isEqualTo("route_not_found");
    }

    @Test
    void namesTheContentTypeThatIsRead() {
        // When
        Response response = mappers.http(new NotSupportedException("No supported MessageBodyReader found"));

        // Then
        assertThat(response.getStatus()).isEqualTo(415);
        assertThat(body(response).message()).contains("Content-Type: application/json");
    }

    @Test
    void doesNotAskToTryAgainAtOnceWhereMemoryOrDiskIsUsedUp() {
        // When
        Response response = mappers.product(ProductException.of(ErrorCode.OUT_OF_MEMORY, "The model is too large."));

        // Then
        assertThat(response.getStatus()).isEqualTo(503);
        assertThat(response.getHeaderString("x-should-retry")).isEqualTo("false");
        assertThat(body(response).type()).isEqualTo("server_error");
    }

    @Test
    void saysOfTooManyRequestsWhatOpenAiSays() {
        // When
        Response response =
                mappers.product(ProductException.of(ErrorCode.RATE_LIMIT_EXCEEDED, "Too many wait; try again."));

        // Then
        assertThat(response.getStatus()).isEqualTo(429);
        assertThat(response.getHeaderString("retry-after")).isNotNull();
        assertThat(body(response).type()).isEqualTo("requests");
        assertThat(body(response).code()).isEqualTo("rate_limit_exceeded");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\": NaN}",
                "{\"error\": 'x'}",
                "{\"error\": {\"message\": [1]}}",
                "{\"error\": []}",
                "{\"error\": {\"message\": {}}}",
                "{error: 1}",
                "{\"error\": null,}",
                "{\"error\":",
                "\"text\"",
                "[1, 2]",
                "/* comment */ {}",
                "{} {}",
                "{\"error\": null, \"error\": null}",
                "{\"error\": 007}",
                "\u0000",
                "{\"error\": \"\t\"}"
            })
    void namesNeitherClassesNorOptionsWhateverTheBody(String body) {
        // Given
        ObjectMapper json = new ObjectMapper();
        new StrictJson().customize(json);
        JsonProcessingException failure =
                catchThrowableOfType(JsonProcessingException.class, () -> json.readValue(body, ErrorEnvelope.class));

        // When
        Response response = mappers.json(failure);

        // Then
        assertThat(response.getStatus()).isEqualTo(400);
        assertThat(body(response).message())
                .startsWith("The body ")
                .doesNotContainPattern(
                        "java|com\\.|io\\.|org\\.|Jackson|JsonReadFeature|Feature|Exception|token|`|Envelope");
    }

    @Test
    void refusesTextBehindTheJson() {
        // Given
        ObjectMapper json = new ObjectMapper();
        new StrictJson().customize(json);
        JsonProcessingException failure =
                catchThrowableOfType(JsonProcessingException.class, () -> json.readTree("{\"model\":\"a\"} and more"));

        // When
        Response response = mappers.json(failure);

        // Then
        assertThat(response.getStatus()).isEqualTo(400);
        assertThat(body(response).message()).contains("line 1, column");
    }

    @Test
    void showsTheWordsOfOurOwnTypesButNotOfALibrary() {
        assertThat(body(mappers.argument(catchThrowableOfType(IllegalArgumentException.class, () -> new JobId("x"))))
                        .message())
                .isEqualTo("'x' is not the id of a job: it is ftjob- and 8 to 64 letters and digits.");
        assertThat(body(mappers.argument(
                                catchThrowableOfType(IllegalArgumentException.class, () -> ErrorKind.valueOf("NONE"))))
                        .message())
                .doesNotContain("enum", "lorica.contracts");
    }

    @Test
    void saysThatTheCallerHungUpInsteadOfFailing() {
        // Given
        IOException hungUp = new IOException(new IOException(new HttpClosedException("Connection was closed")));

        // When
        Response response = mappers.unexpected(hungUp);

        // Then
        assertThat(response.getStatus()).isEqualTo(400);
        assertThat(body(response).code()).isEqualTo("invalid_request");
    }

    private static ErrorEnvelope.Body body(Response response) {
        return ((ErrorEnvelope) response.getEntity()).error();
    }
}
