package io.lorica.inference.api;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.inference.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

class ChatRequestBodyTest {

    private final ChatRequestReader reader = new ChatRequestReader(Settings.with(Map.of()));

    static Stream<String> names() {
        return Arrays.stream(ChatRequestBody.class.getRecordComponents()).map(ChatRequestBodyTest::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void describesNamesThatAreRead(String name) {
        // Given
        ObjectNode body = new ObjectMapper().createObjectNode().putNull(name);

        // When
        ProductException failure = catchThrowableOfType(ProductException.class, () -> reader.read(body));

        // Then
        assertThat(failure.code()).isNotEqualTo(ErrorCode.UNKNOWN_PARAMETER);
    }

    @Test
    void describesTheFieldsOfAChat() {
        assertThat(names())
                .containsAll(List.of(
                        "model",
                        "messages",
                        "stream",
                        "stream_options",
                        "max_completion_tokens",
                        "temperature",
                        "stop"));
    }

    private static String name(RecordComponent component) {
        JsonProperty other = component.getAccessor().getAnnotation(JsonProperty.class);
        return other == null ? component.getName() : other.value();
    }
}
