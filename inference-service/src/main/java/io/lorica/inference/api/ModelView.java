package io.lorica.inference.api;

import java.time.Instant;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.inference.adapter.AdapterState;
import org.jspecify.annotations.Nullable;

/// A model that can be asked (`model`).
///
/// @param created when it came to be, in seconds
/// @param root the base model at the bottom
/// @param parent the model that this one was made from, absent for a base model
@JsonInclude(JsonInclude.Include.NON_NULL)
record ModelView(
        String id,
        String object,
        long created,
        @JsonProperty("owned_by") String ownedBy,
        String root,
        @Nullable String parent) {

    /// A base model.
    static ModelView of(BaseModelId base, Instant since) {
        return new ModelView(base.value(), "model", since.getEpochSecond(), "lorica", base.value(), null);
    }

    /// An adapter or a checkpoint.
    static ModelView of(AdapterState adapter) {
        String base = adapter.base().value();
        return new ModelView(
                adapter.name().toString(), "model", adapter.since().getEpochSecond(), "lorica", base, base);
    }
}
