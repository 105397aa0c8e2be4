package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// Which tokens of a row are learned.
public enum LossRegion {
    /// Reasoning, answer and end of sequence.
    COMPLETION,
    /// The prompt too.
    FULL;

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return WireNames.of(this);
    }

    @JsonCreator
    static LossRegion fromWire(String wireName) {
        return WireNames.read(LossRegion.class, wireName);
    }
}
