package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// What is kept of the forward pass for the backward pass.
public enum GradientCheckpointing {
    /// Everything.
    NONE,
    /// The inputs of the layers; the rest is computed again (https://arxiv.org/abs/1604.06174).
    LAYERS,
    /// The same, with the inputs of the layers in host memory.
    OFFLOAD;

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return WireNames.of(this);
    }

    @JsonCreator
    static GradientCheckpointing fromWire(String wireName) {
        return WireNames.read(GradientCheckpointing.class, wireName);
    }
}
