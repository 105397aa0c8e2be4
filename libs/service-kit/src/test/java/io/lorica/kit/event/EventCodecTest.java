package io.lorica.kit.event;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.event.EventEnvelope;
import io.lorica.contracts.id.JobId;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class EventCodecTest {

    private static final DomainEvent FAILED = new DomainEvent.JobFailed(
            new JobId("ftjob-abcdefgh12345678abcdefgh"), 2, ErrorCode.OUT_OF_DISK, "The disk is full.", null);

    @Test
    void readsWhatItWrote() {
        // Given
        EventEnvelope<DomainEvent> envelope =
                EventEnvelope.of(FAILED, "/lorica/trainer-service", Instant.parse("2026-11-24T10:00:00Z"));

        // When
        byte[] bytes = EventCodec.encode(envelope);

        // Then
        assertThat(EventCodec.decode(bytes)).contains(envelope);
    }

    @Test
    void writesTheAttributeNamesOfCloudEvents() {
        // Given
        EventEnvelope<DomainEvent> envelope =
                EventEnvelope.of(FAILED, "/lorica/trainer-service", Instant.parse("2026-11-24T10:00:00Z"));

        // When
        String json = new String(EventCodec.encode(envelope), StandardCharsets.UTF_8);

        // Then
        assertThat(json)
                .contains("\"specversion\":\"1.0\"")
                .contains("\"type\":\"io.lorica.job-failed.v1\"")
                .contains("\"subject\":\"ftjob-abcdefgh12345678abcdefgh\"")
                .contains("\"time\":\"2026-11-24T10:00:00Z\"")
                .contains("\"datacontenttype\":\"application/json\"")
                .contains("\"code\":\"out_of_disk\"");
    }

    @Test
    void skipsATypeThatItDoesNotKnow() {
        // Given
        byte[] newer = "{\"specversion\":\"1.0\",\"type\":\"io.lorica.job-dreamt.v1\",\"data\":{}}"
                .getBytes(StandardCharsets.UTF_8);

        // When
        var decoded = EventCodec.decode(newer);

        // Then
        assertThat(decoded).isEmpty();
    }

    @Test
    void ignoresFieldsThatAreNewerThanTheCode() {
        // Given
        String json = new String(
                        EventCodec.encode(EventEnvelope.of(FAILED, "/lorica/test", Instant.EPOCH)),
                        StandardCharsets.UTF_8)
                .replace("\"attempt\":2", "\"attempt\":2,\"mood\":\"grim\"");

        // When
        var decoded = EventCodec.decode(json.getBytes(StandardCharsets.UTF_8));

        // Then
        assertThat(decoded)
                .hasValueSatisfying(envelope -> assertThat(envelope.data()).isEqualTo(FAILED));
    }

    @Test
    void refusesBytesThatAreNoEvent() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> EventCodec.decode("not json".getBytes(StandardCharsets.UTF_8)))
                .withMessageContaining("not a JSON event");
    }
}
