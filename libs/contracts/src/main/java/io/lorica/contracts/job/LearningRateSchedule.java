package io.lorica.contracts.job;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// How the learning rate moves after warm-up.
public enum LearningRateSchedule {
    LINEAR,
    COSINE,
    CONSTANT;

    /// The name as it goes over the wire, in lower case.
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    static LearningRateSchedule fromWire(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
