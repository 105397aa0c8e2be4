package io.lorica.contracts.job;

import java.util.Map;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.Owner;
import io.lorica.contracts.template.PromptTemplate;
import org.jspecify.annotations.Nullable;

/// Everything that decides what a job trains: two jobs with equal specs give equal adapters on one device.
///
/// @param model the base model
/// @param trainingFile the uploaded rows
/// @param validationFile rows to measure the loss on, null for none
/// @param template the wording of the training text
/// @param terminator the base tokenizer's end-of-sequence text
/// @param lora the adapter's shape
/// @param plan how long and how fast
/// @param seed decides initial weights, order of rows and dropout
/// @param suffix the user's label in the model's name, empty for none
/// @param exportMerged whether merged 16-bit weights are written beside the adapter
/// @param exportGguf the numbers of the GGUF files that are written of the merged model and of the adapter, null for
///     no such files
/// @param metadata the user's own key-value pairs
/// @param owner to whom the job and all that it makes belong
/// @param parent the adapter that is trained on, null for a new one
public record JobSpec(
        BaseModelId model,
        FileId trainingFile,
        @Nullable FileId validationFile,
        PromptTemplate template,
        String terminator,
        LoraSpec lora,
        TrainingPlan plan,
        int seed,
        String suffix,
        boolean exportMerged,
        @Nullable GgufFormat exportGguf,
        Map<String, String> metadata,
        Owner owner,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable ParentAdapter parent) {

    public JobSpec {
        metadata = Map.copyOf(metadata);
    }

    /// A spec of what every job has: nothing to measure on, no label, no weights or GGUF files beside the adapter, no
    /// metadata.
    public static JobSpec of(
            BaseModelId model,
            FileId trainingFile,
            PromptTemplate template,
            String terminator,
            LoraSpec lora,
            TrainingPlan plan,
            int seed) {
        return new JobSpec(
                model,
                trainingFile,
                null,
                template,
                terminator,
                lora,
                plan,
                seed,
                "",
                false,
                null,
                Map.of(),
                Owner.DEFAULT,
                null);
    }

    /// The same with other rows to measure the loss on, null for none.
    public JobSpec withValidationFile(@Nullable FileId other) {
        return new JobSpec(
                model,
                trainingFile,
                other,
                template,
                terminator,
                lora,
                plan,
                seed,
                suffix,
                exportMerged,
                exportGguf,
                metadata,
                owner,
                parent);
    }

    /// The same with another seed.
    public JobSpec withSeed(int other) {
        return new JobSpec(
                model,
                trainingFile,
                validationFile,
                template,
                terminator,
                lora,
                plan,
                other,
                suffix,
                exportMerged,
                exportGguf,
                metadata,
                owner,
                parent);
    }

    /// The same with an adapter of another shape.
    public JobSpec with(LoraSpec other) {
        return new JobSpec(
                model,
                trainingFile,
                validationFile,
                template,
                terminator,
                other,
                plan,
                seed,
                suffix,
                exportMerged,
                exportGguf,
                metadata,
                owner,
                parent);
    }

    /// The same on an adapter that exists.
    public JobSpec on(ParentAdapter other) {
        return new JobSpec(
                model,
                trainingFile,
                validationFile,
                template,
                terminator,
                lora,
                plan,
                seed,
                suffix,
                exportMerged,
                exportGguf,
                metadata,
                owner,
                other);
    }
}
