package io.lorica.trainer.api;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobState;
import org.jspecify.annotations.Nullable;

/// A job as OpenAI's clients read it (`fine_tuning.job`); times are Unix seconds.
@JsonInclude(JsonInclude.Include.ALWAYS)
record JobView(
        String id,
        String object,
        @JsonProperty("created_at") long createdAt,
        @JsonProperty("finished_at") @Nullable Long finishedAt,
        @JsonProperty("estimated_finish") @Nullable Long estimatedFinish,
        String model,
        @JsonProperty("fine_tuned_model") @Nullable String fineTunedModel,
        @JsonProperty("organization_id") String organizationId,
        @JsonProperty("result_files") List<String> resultFiles,
        String status,
        @JsonProperty("training_file") String trainingFile,
        @JsonProperty("validation_file") @Nullable String validationFile,
        @JsonProperty("trained_tokens") @Nullable Long trainedTokens,
        Map<String, Object> hyperparameters,
        int seed,
        @Nullable Failure error,
        List<Object> integrations,
        Map<String, Object> method,
        Map<String, String> metadata,
        @JsonProperty("user_provided_suffix") @Nullable String suffix,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Parent parent) {

    /// Why a job failed.
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Failure(String code, String message, @Nullable String param) {}

    /// The adapter that a job trains on.
    ///
    /// @param model what it is called by
    /// @param base its base model
    /// @param step the optimizer step after which it was taken
    /// @param digest SHA-256 of its weights
    /// @param continued whether its run goes on
    record Parent(
            String model,
            @JsonProperty("base_model") String base,
            int step,
            String digest,
            @JsonProperty("continue") boolean continued) {

        static @Nullable Parent of(JobSpec spec) {
            ParentAdapter parent = spec.parent();
            return parent == null
                    ? null
                    : new Parent(
                            parent.name(), spec.model().value(), parent.step(), parent.digest(), parent.continued());
        }
    }

    static JobView of(Job job, @Nullable Long estimatedFinish) {
        JobState state = job.state();
        JobSpec spec = job.spec();
        return new JobView(
                job.id().value(),
                "fine_tuning.job",
                job.createdAt().getEpochSecond(),
                state instanceof JobState.Finished finished
                        ? finished.finishedAt().getEpochSecond()
                        : null,
                estimatedFinish,
                spec.parent() == null ? spec.model().value() : spec.parent().name(),
                state instanceof JobState.Succeeded succeeded
                        ? succeeded.model().toString()
                        : null,
                job.organization(),
                state instanceof JobState.Succeeded succeeded
                        ? succeeded.resultFiles().stream().map(Object::toString).toList()
                        : List.of(),
                state.wireName(),
                spec.trainingFile().value(),
                spec.validationFile() == null ? null : spec.validationFile().value(),
                state instanceof JobState.Succeeded succeeded ? succeeded.trainedTokens() : null,
                HyperparameterView.basic(spec),
                spec.seed(),
                state instanceof JobState.Failed failed
                        ? new Failure(failed.code().wireName(), failed.message(), failed.parameter())
                        : null,
                List.of(),
                Map.of("type", "supervised", "supervised", Map.of("hyperparameters", HyperparameterView.all(spec))),
                spec.metadata(),
                spec.suffix().isEmpty() ? null : spec.suffix(),
                Parent.of(spec));
    }
}
