package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// What becomes of a row with more tokens than the sequence length.
public enum OverLength {
    /// It is left out and counted.
    DROP,
    /// It is cut off at its end, which still ends the sequence, and counted.
    TRUNCATE,
    /// It becomes several examples, each behind the row's prompt, and is counted.
    SPLIT,
    /// The job fails and names the lines.
    RAISE;

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return WireNames.of(this);
    }

    @JsonCreator
    static OverLength fromWire(String wireName) {
        return WireNames.read(OverLength.class, wireName);
    }
}
