package io.lorica.contracts.event;

import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class EventSchemaTest {

    private static final Path FOLDER = GoldenEvents.DOCS.resolve("events");
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

    @ParameterizedTest
    @EnumSource
    void describesTheEventAsItGoesOverTheWire(EventType type) {
        // Given
        JsonSchema schema = schema(type);

        // When
        var faults = schema.validate(GoldenEvents.of(type));

        // Then
        assertThat(faults).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void namesTheFieldsOfTheRecordAndNoOthers(EventType type) {
        // Given
        List<String> components = Arrays.stream(type.data().getRecordComponents())
                .map(RecordComponent::getName)
                .toList();

        // When
        Iterator<String> described =
                document(type).at("/properties/data/properties").fieldNames();

        // Then
        assertThat(described).toIterable().containsExactlyElementsOf(components);
    }

    @ParameterizedTest
    @EnumSource
    void refusesAnEventThatLacksARequiredField(EventType type) {
        // Given
        JsonSchema schema = schema(type);
        for (JsonNode required : document(type).at("/properties/data/required")) {
            ObjectNode broken = GoldenEvents.of(type).deepCopy();
            ((ObjectNode) broken.get("data")).remove(required.asText());

            // When
            var faults = schema.validate(broken);

            // Then
            assertThat(faults).as(required.asText()).isNotEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void letsNewerFieldsPass(EventType type) {
        // Given
        ObjectNode newer = GoldenEvents.of(type).deepCopy();
        ((ObjectNode) newer.get("data")).put("mood", "sunny");
        newer.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        // When
        var faults = schema(type).validate(newer);

        // Then
        assertThat(faults).isEmpty();
    }

    @Test
    void keepsNoSchemaOfATypeThatIsGone() throws Exception {
        // Given
        Set<String> expected = Set.copyOf(Arrays.stream(EventType.values())
                .map(type -> file(type).getFileName().toString())
                .toList());

        // When
        try (Stream<Path> files = Files.list(FOLDER)) {

            // Then
            assertThat(files)
                    .extracting(file -> file.getFileName().toString())
                    .containsExactlyInAnyOrderElementsOf(expected);
        }
    }

    private static JsonSchema schema(EventType type) {
        SchemaValidatorsConfig config =
                SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
        return SCHEMAS.getSchema(document(type), config);
    }

    private static JsonNode document(EventType type) {
        return GoldenEvents.read(file(type));
    }

    private static Path file(EventType type) {
        return FOLDER.resolve(type.wireName() + ".schema.json");
    }
}
