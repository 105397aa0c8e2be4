package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// The number format in which a model computes.
public enum ComputeType {
    /// The best that the device has: bfloat16 where it is native, else float16 on a GPU, float32 on a CPU.
    AUTO,
    /// 32 bits.
    FLOAT32,
    /// 16 bits with the range of float32.
    BFLOAT16,
    /// 16 bits with a small range; the loss is scaled to fit it.
    FLOAT16;

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return WireNames.of(this);
    }

    @JsonCreator
    static ComputeType fromWire(String wireName) {
        return WireNames.read(ComputeType.class, wireName);
    }
}
