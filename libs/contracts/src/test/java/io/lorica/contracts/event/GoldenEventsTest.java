package io.lorica.contracts.event;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.adapter.AdapterManifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

class GoldenEventsTest {

    @ParameterizedTest
    @EnumSource
    void decodesAndEncodesToTheSame(EventType type) throws Exception {
        // Given
        JsonNode golden = GoldenEvents.of(type);
        JavaType envelope =
                GoldenEvents.JSON.getTypeFactory().constructParametricType(EventEnvelope.class, type.data());

        // When
        EventEnvelope<?> decoded = GoldenEvents.JSON.treeToValue(golden, envelope);

        // Then
        assertThat(GoldenEvents.JSON.readTree(GoldenEvents.JSON.writeValueAsBytes(decoded)))
                .isEqualTo(golden);
        assertThat(decoded.type()).isEqualTo(type.wireName());
        assertThat(decoded.subject()).isEqualTo(decoded.data().subject());
        assertThat(EventType.of(decoded.data())).isEqualTo(type);
    }

    @Test
    void keepsNoFileOfATypeThatIsGone() throws Exception {
        // When
        try (Stream<Path> files = Files.list(GoldenEvents.FOLDER)) {

            // Then
            assertThat(files)
                    .extracting(file -> file.getFileName().toString())
                    .containsExactlyInAnyOrderElementsOf(Arrays.stream(EventType.values())
                            .map(type -> type.wireName() + ".json")
                            .toList());
        }
    }

    @Test
    void readsAManifestFromBeforeThereWereGgufFiles() throws Exception {
        // Given
        ObjectNode manifest = GoldenEvents.of(EventType.ADAPTER_PUBLISHED)
                .at("/data/manifest")
                .deepCopy();
        manifest.remove("gguf");
        ((ObjectNode) manifest.get("spec")).remove("exportGguf");

        // When
        AdapterManifest read = GoldenEvents.JSON.treeToValue(manifest, AdapterManifest.class);

        // Then
        assertThat(read.gguf()).isEmpty();
        assertThat(read.spec().exportGguf()).isNull();
        assertThat(read.merged()).hasSize(1);
    }

    @Test
    void hasATypeForEveryEvent() {
        assertThat(Arrays.stream(EventType.values()).<Class<?>>map(EventType::data))
                .containsExactlyInAnyOrderElementsOf(records(DomainEvent.class));
    }

    private static List<Class<?>> records(Class<?> family) {
        return Arrays.stream(family.getPermittedSubclasses())
                .flatMap(member -> member.isRecord() ? Stream.of(member) : records(member).stream())
                .<Class<?>>map(member -> member)
                .toList();
    }
}
