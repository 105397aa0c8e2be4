package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// In which numbers the matrices of a GGUF file are stored.
public enum GgufFormat {
    /// 16 bits, 5 of them for the exponent.
    F16,
    /// 16 bits, 8 of them for the exponent.
    BF16,
    /// 8 bits, with one float16 scale for 32 numbers.
    Q8_0;

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return WireNames.of(this);
    }

    @JsonCreator
    static GgufFormat fromWire(String wireName) {
        return WireNames.read(GgufFormat.class, wireName);
    }
}
