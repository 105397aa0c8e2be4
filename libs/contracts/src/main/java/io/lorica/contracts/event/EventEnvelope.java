package io.lorica.contracts.event;

import java.time.Instant;
import java.util.UUID;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;

/// An event in the structured JSON form of CloudEvents 1.0 (https://github.com/cloudevents/spec).
///
/// @param specVersion the version of CloudEvents, `1.0`
/// @param id unique for each event; a reader that has seen it skips it
/// @param source the service that says so, such as `/lorica/trainer`
/// @param type the versioned type, see [EventType]
/// @param subject the aggregate that it happened to
/// @param time when it happened
/// @param dataContentType `application/json`
/// @param data the fact itself
public record EventEnvelope<E extends DomainEvent>(
        @JsonProperty("specversion") String specVersion,
        String id,
        String source,
        String type,
        String subject,
        Instant time,
        @JsonProperty("datacontenttype") String dataContentType,
        E data) {

    @JsonCreator
    public EventEnvelope {}

    /// A new envelope around a fact.
    public static <E extends DomainEvent> EventEnvelope<E> of(E event, String source, Instant time) {
        return new EventEnvelope<>(
                "1.0",
                UUID.randomUUID().toString(),
                source,
                EventType.of(event).wireName(),
                event.subject(),
                time,
                "application/json",
                event);
    }
}
