package io.lorica.contracts.job;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// A part of the work before a job's first step that can take minutes.
public enum PreparationStage {
    /// A file's rows are checked and formatted, in bytes of the file.
    FORMATTING,
    /// The base model is fetched, in bytes.
    DOWNLOADING,
    /// The rows are made into tokens, in rows.
    TOKENIZING;

    /// The stage as it goes over the wire.
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    static PreparationStage fromWire(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
