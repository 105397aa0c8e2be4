package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// How the learning rate moves, by the names and with the meaning that transformers gives them
/// (https://huggingface.co/docs/transformers/main_classes/optimizer_schedules).
public enum LearningRateSchedule {
    /// Falls to 0 in a straight line after the warm-up.
    LINEAR,
    /// Falls along a cosine after the warm-up.
    COSINE,
    /// Falls along a cosine several times, each time from the peak.
    COSINE_WITH_RESTARTS,
    /// Falls to an end rate as a power of what is left of the run.
    POLYNOMIAL,
    /// Stays at the peak from the first step on; there is no warm-up.
    CONSTANT,
    /// Stays at the peak after the warm-up.
    CONSTANT_WITH_WARMUP,
    /// Falls with the inverse square root of the step after the warm-up.
    INVERSE_SQRT;

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return WireNames.of(this);
    }

    @JsonCreator
    static LearningRateSchedule fromWire(String wireName) {
        return WireNames.read(LearningRateSchedule.class, wireName);
    }
}
