package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// Which biases are trained beside the adapter.
public enum LoraBias {
    /// None.
    NONE,
    /// All biases of the model.
    ALL,
    /// Those of the adapted projections.
    LORA_ONLY;

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return WireNames.of(this);
    }

    @JsonCreator
    static LoraBias fromWire(String wireName) {
        return WireNames.read(LoraBias.class, wireName);
    }
}
