package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lorica.contracts.id.AdapterId;
import org.jspecify.annotations.Nullable;

/// The adapter that a job trains on.
///
/// @param name the model name of it, or the place of a PEFT adapter from elsewhere
/// @param adapter its id, null for a PEFT adapter from elsewhere
/// @param step the optimizer step after which it was taken, 0 for a PEFT adapter from elsewhere
/// @param digest SHA-256 of its weights, in hexadecimal
/// @param continued whether its run goes on, with optimizer, schedule and order of rows; else a new run begins with its
///     weights
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ParentAdapter(String name, @Nullable AdapterId adapter, int step, String digest, boolean continued) {

    public ParentAdapter {
        if (continued && adapter == null) {
            throw new IllegalArgumentException("continue is for models that were trained here; " + name + " was not");
        }
    }
}
