package io.lorica.trainer.api;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import org.jspecify.annotations.Nullable;

/// The body of `POST /v1/fine_tuning/jobs` as it came.
///
/// @param model the base model
/// @param trainingFile the id of the rows to learn from
/// @param validationFile the id of the rows to measure on
/// @param suffix a label in the name of the result
/// @param seed decides everything that is random
/// @param metadata the user's own key-value pairs
/// @param method how to train
/// @param hyperparameters the same three values as in method, in their older place
/// @param integrations where else to report; nothing is supported
record JobRequest(
        @Nullable String model,
        @JsonProperty("training_file") @Nullable String trainingFile,
        @JsonProperty("validation_file") @Nullable String validationFile,
        @Nullable String suffix,
        @Nullable JsonNode seed,
        @Nullable Map<String, JsonNode> metadata,
        @Nullable Method method,
        @Nullable Map<String, JsonNode> hyperparameters,
        @Nullable List<JsonNode> integrations) {

    /// Tells whether the request says which seed to use.
    boolean seedChosen() {
        return seed != null && !seed.isNull();
    }

    /// @param type `supervised` is what Lorica does
    /// @param supervised its settings
    /// @param dpo not supported
    /// @param reinforcement not supported
    record Method(
            @Nullable String type,
            @Nullable Supervised supervised,
            @Nullable JsonNode dpo,
            @Nullable JsonNode reinforcement) {}

    /// @param hyperparameters how to train, OpenAI's names and ours
    record Supervised(@Nullable Map<String, JsonNode> hyperparameters) {}
}
