package io.lorica.contracts.event;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;

/// One event of each type as it goes over the wire. A field in these files is never renamed or removed, for
/// events that carry it are in the topics for ever; new fields join them.
final class GoldenEvents {

    static final Path FOLDER = Path.of("src/test/resources/events");
    static final Path DOCS = Path.of("../../docs");

    /// Writes and reads as the services do, but refuses fields that the records do not have.
    static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .build();

    private GoldenEvents() {}

    static JsonNode of(EventType type) {
        return read(FOLDER.resolve(type.wireName() + ".json"));
    }

    static JsonNode read(Path file) {
        try {
            return JSON.readTree(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException("the event type lacks " + file, e);
        }
    }
}
