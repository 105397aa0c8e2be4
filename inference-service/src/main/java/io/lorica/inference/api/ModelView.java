package io.lorica.inference.api;

import java.time.Instant;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.job.BaseQuantization;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.inference.config.InferenceConfig;
import org.jspecify.annotations.Nullable;

/// A model that can be asked (`model`).
///
/// @param created when it came to be, in seconds
/// @param root the base model at the bottom
/// @param parent the model that this one was made from, absent for a base model
/// @param quantization how the weights of the base model are kept in memory
/// @param doubleQuantization whether the scales of these weights are quantised too, absent where they are not
@JsonInclude(JsonInclude.Include.NON_NULL)
record ModelView(
        String id,
        String object,
        long created,
        @JsonProperty("owned_by") String ownedBy,
        String root,
        @Nullable String parent,
        BaseQuantization quantization,
        @JsonProperty("double_quantization") @Nullable Boolean doubleQuantization) {

    /// A base model.
    static ModelView of(BaseModelId base, Instant since, InferenceConfig config) {
        return of(base.value(), since, base.value(), null, config);
    }

    /// An adapter or a checkpoint.
    ///
    /// @param base the name of its base model
    /// @param parent the model that it was trained on
    static ModelView of(AdapterState adapter, String base, String parent, InferenceConfig config) {
        return of(adapter.name().toString(), adapter.since(), base, parent, config);
    }

    private static ModelView of(
            String id, Instant since, String root, @Nullable String parent, InferenceConfig config) {
        return new ModelView(
                id,
                "model",
                since.getEpochSecond(),
                "lorica",
                root,
                parent,
                config.quantization(),
                config.doubleQuantization() ? Boolean.TRUE : null);
    }
}
