package io.lorica.contracts.adapter;

import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// The verdict of a [MergeProof].
public enum MergeFinding {
    /// The merged model answers as base and adapter do, with the same first token everywhere.
    AGREES(true),
    /// It ranks another token first only where the two best are nearer than rounding to 16 bits moves them.
    NEAR_TIES(true),
    /// It is further away than that, and no further than rounding the base's own weights to 16 bits brings the base.
    ROUNDING(true),
    /// The merge is right, but 16 bits are too coarse for this model: its own rounding changes what it answers.
    TOO_COARSE(false),
    /// Weights are not what base and adapter add up to, or answers are further away than rounding explains.
    BAD_MERGE(false);

    private final boolean published;

    MergeFinding(boolean published) {
        this.published = published;
    }

    /// Tells whether such a model is published.
    public boolean published() {
        return published;
    }

    /// The name as it goes over the wire.
    @JsonValue
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    @JsonCreator
    static MergeFinding fromWire(String wireName) {
        return valueOf(wireName.toUpperCase(Locale.ROOT));
    }
}
