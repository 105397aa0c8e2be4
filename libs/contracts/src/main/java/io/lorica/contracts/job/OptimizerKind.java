package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// Which optimizer moves the adapter.
public enum OptimizerKind {
    /// AdamW (https://arxiv.org/abs/1711.05101) with moments in float32.
    ADAMW,
    /// AdamW whose moments are quantised to 8 bits, block by block (https://arxiv.org/abs/2110.02861).
    ADAMW_8BIT,
    /// The same, with moments that lie in host memory and visit the device.
    PAGED_ADAMW_8BIT;

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return WireNames.of(this);
    }

    @JsonCreator
    static OptimizerKind fromWire(String wireName) {
        return WireNames.read(OptimizerKind.class, wireName);
    }
}
