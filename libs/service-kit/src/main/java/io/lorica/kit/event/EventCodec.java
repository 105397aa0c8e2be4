package io.lorica.kit.event;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.event.EventType;

/// Events to bytes and back: CloudEvents 1.0, structured JSON. Fields and types that are newer than this code
/// are skipped, so that services of different versions can share topics.
public final class EventCodec {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private EventCodec() {}

    /// The mapper that events and manifests are written with.
    public static ObjectMapper json() {
        return JSON;
    }

    /// An envelope as bytes.
    public static byte[] encode(EventEnvelope<?> envelope) {
        return bytes(envelope);
    }

    /// Any contract value as JSON bytes.
    public static byte[] bytes(Object value) {
        try {
            return JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a " + value.getClass().getSimpleName() + " must be writable as JSON", e);
        }
    }

    /// Reads an envelope; empty for a type that this version does not know.
    ///
    /// @throws IllegalArgumentException when the bytes are no event at all
    public static Optional<EventEnvelope<?>> decode(byte[] bytes) {
        try {
            JsonNode tree = JSON.readTree(bytes);
            return EventType.of(tree.path("type").asText()).map(type -> envelope(tree, type));
        } catch (IOException e) {
            throw new IllegalArgumentException("the record is not a JSON event", e);
        }
    }

    private static EventEnvelope<?> envelope(JsonNode tree, EventType type) {
        try {
            DomainEvent data = JSON.treeToValue(tree.path("data"), type.data());
            return new EventEnvelope<>(
                    tree.path("specversion").asText(),
                    tree.path("id").asText(),
                    tree.path("source").asText(),
                    type.wireName(),
                    tree.path("subject").asText(),
                    Instant.parse(tree.path("time").asText()),
                    tree.path("datacontenttype").asText(),
                    data);
        } catch (JsonProcessingException | RuntimeException e) {
            throw new IllegalArgumentException("the event of type " + type.wireName() + " cannot be read", e);
        }
    }
}
