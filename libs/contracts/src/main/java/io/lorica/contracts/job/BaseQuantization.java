package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// How the frozen weights of the base model are kept in memory.
public enum BaseQuantization {
    /// In the compute type.
    NONE,
    /// In 4 bits that are even over a normal distribution (QLoRA, https://arxiv.org/abs/2305.14314).
    NF4,
    /// In 4 bits of floating point.
    FP4,
    /// In 8 bits (https://arxiv.org/abs/2208.07339).
    INT8;

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return WireNames.of(this);
    }

    /// Whether a weight takes 4 bits.
    public boolean fourBit() {
        return this == NF4 || this == FP4;
    }

    @JsonCreator
    static BaseQuantization fromWire(String wireName) {
        return WireNames.read(BaseQuantization.class, wireName);
    }
}
