package io.lorica.contracts.job;

import java.util.Arrays;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// The messages of a row that are learned.
public enum LossRegion {
    /// Each assistant message that the row does not switch off, as an example of its own behind what came before it.
    ALL,
    /// The last assistant message alone.
    LAST,
    /// The last assistant message and the prompt in front of it.
    FULL;

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return WireNames.of(this);
    }

    /// The choice of that wire name, if there is one.
    public static Optional<LossRegion> of(String wireName) {
        return Arrays.stream(values())
                .filter(region -> region.wireName().equals(wireName))
                .findFirst();
    }

    @JsonCreator
    static LossRegion fromWire(String wireName) {
        return WireNames.read(LossRegion.class, wireName);
    }
}
