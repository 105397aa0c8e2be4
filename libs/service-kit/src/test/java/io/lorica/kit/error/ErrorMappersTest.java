package io.lorica.kit.error;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.core.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        "EXHAUSTED, 429",
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

    private static ErrorEnvelope.Body body(Response response) {
        return ((ErrorEnvelope) response.getEntity()).error();
    }
}
