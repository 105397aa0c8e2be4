package io.lorica.gateway.upstream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorEnvelope;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Singleton;

/// Error envelopes as bytes.
@Singleton
@RegisterForReflection(targets = {ErrorEnvelope.class, ErrorEnvelope.Body.class})
public final class ErrorBody {

    /// The media type of an envelope.
    public static final String MEDIA_TYPE = "application/json";

    private final ObjectMapper json;

    /// Envelopes written so.
    public ErrorBody(ObjectMapper json) {
        this.json = json;
    }

    /// An envelope's JSON.
    public Buffer of(ErrorEnvelope envelope) {
        try {
            return Buffer.buffer(json.writeValueAsBytes(envelope));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("An error envelope cannot be written", e);
        }
    }
}
