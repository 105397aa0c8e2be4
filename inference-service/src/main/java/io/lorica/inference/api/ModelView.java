package io.lorica.inference.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/// A model that can be asked (`model`).
///
/// @param root the base model at the bottom
/// @param parent the model that this one was made from, null for a base model
@JsonInclude(JsonInclude.Include.NON_NULL)
record ModelView(
        String id,
        String object,
        long created,
        @JsonProperty("owned_by") String ownedBy,
        @Nullable String root,
        @Nullable String parent) {

    static ModelView of(String id, long created, String root, @Nullable String parent) {
        return new ModelView(id, "model", created, "lorica", root, parent);
    }
}
