package io.lorica.contracts.event;

import java.util.List;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.MergeProof;
import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.EvaluationStanding;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.contracts.job.StepMetrics;
import org.jspecify.annotations.Nullable;

/// Something that has happened. Fields are only ever added; a change of meaning is a new version of the type.
public sealed interface DomainEvent {

    /// The id of the aggregate that it happened to: the record's key, so that its events stay in order.
    String subject();

    /// The dataset versions that a job asked for exist in the store.
    ///
    /// @param manifest the version to train on
    /// @param manifestKey where its manifest is
    /// @param requestedBy the job that asked for it
    /// @param validation the version to measure the loss on, null where the job has no validation file
    /// @param validationKey where the validation version's manifest is, null where there is none
    record DatasetPublished(
            DatasetManifest manifest,
            String manifestKey,
            JobId requestedBy,
            @Nullable DatasetManifest validation,
            @Nullable String validationKey)
            implements DomainEvent {
        public DatasetPublished {
            if ((validation == null) != (validationKey == null)) {
                throw new IllegalArgumentException("a validation version and its key come together");
            }
        }

        @Override
        public String subject() {
            return requestedBy.value();
        }
    }

    /// A file that a job asked for cannot be made into a dataset version.
    ///
    /// @param file the uploaded file
    /// @param requestedBy the job that asked for it
    /// @param code which failure it is
    /// @param message what is wrong and what to do
    /// @param parameter the part of the job's request that names the file, such as `training_file`
    record DatasetRejected(
            FileId file,
            JobId requestedBy,
            ErrorCode code,
            String message,
            @Nullable String parameter) implements DomainEvent {
        @Override
        public String subject() {
            return requestedBy.value();
        }
    }

    /// A user asked for a job.
    record JobSubmitted(JobId job, AdapterId adapter, JobSpec spec) implements DomainEvent {
        @Override
        public String subject() {
            return job.value();
        }
    }

    /// A trainer took the job and trains.
    ///
    /// @param attempt which attempt it is, from 1
    /// @param totalSteps how many optimizer steps the job has
    /// @param resumedFromStep the checkpoint that the attempt goes on from, 0 for none
    /// @param warnings what the user should know before the first step, one sentence each
    /// @param engine what it trains on, and how, in words; null in older events
    record JobStarted(
            JobId job,
            int attempt,
            int totalSteps,
            int resumedFromStep,
            List<String> warnings,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String engine)
            implements DomainEvent {
        public JobStarted {
            warnings = List.copyOf(warnings);
        }

        @Override
        public String subject() {
            return job.value();
        }
    }

    /// The memory of an attempt is known: forecast before the first step, measured after the last.
    ///
    /// @param memory forecast and, after the last step, measurement
    record MemoryReported(JobId job, int attempt, MemoryUse memory) implements DomainEvent {
        @Override
        public String subject() {
            return job.value();
        }
    }

    /// Optimizer steps are done.
    record JobProgressed(JobId job, int attempt, StepMetrics metrics) implements DomainEvent {
        @Override
        public String subject() {
            return job.value();
        }
    }

    /// A checkpoint is complete in the store and can be called by its name.
    ///
    /// @param name the name under which it can be called
    /// @param base the base model that it belongs to
    /// @param step the optimizer step after which it was taken
    /// @param manifestKey where its manifest is
    /// @param metrics what the last step measured
    record CheckpointSaved(
            JobId job,
            int attempt,
            AdapterId adapter,
            ModelName name,
            BaseModelId base,
            int step,
            String manifestKey,
            @Nullable StepMetrics metrics)
            implements DomainEvent {
        @Override
        public String subject() {
            return job.value();
        }
    }

    /// The merged model of a job was written and compared with base and adapter.
    ///
    /// @param published whether it is published; the adapter is in any case
    /// @param message the result in a sentence, or why the merged model is withheld
    /// @param proof the figures, null where there are none
    record MergeJudged(
            JobId job,
            int attempt,
            boolean published,
            String message,
            @Nullable MergeProof proof) implements DomainEvent {
        @Override
        public String subject() {
            return job.value();
        }
    }

    /// A GGUF file of a job was written, or cannot be.
    ///
    /// @param file the file's name, such as `model-q8_0.gguf`
    /// @param published whether it is published; the adapter is in any case
    /// @param message what it is, or why it is not there
    record GgufJudged(JobId job, int attempt, String file, boolean published, String message) implements DomainEvent {
        @Override
        public String subject() {
            return job.value();
        }
    }

    /// The job is done and its adapter is published.
    ///
    /// @param model the name under which the adapter can be called
    /// @param trainedTokens learned tokens over all steps
    /// @param lowest the loss that the adapter was chosen for, null where it is the last one
    record JobSucceeded(
            JobId job,
            int attempt,
            ModelName model,
            long trainedTokens,
            @JsonInclude(JsonInclude.Include.NON_NULL) EvaluationStanding.@Nullable Measured lowest)
            implements DomainEvent {
        @Override
        public String subject() {
            return job.value();
        }
    }

    /// The job ended without a result; its checkpoints remain.
    ///
    /// @param code which failure it is
    /// @param message what is wrong and what to do
    /// @param parameter the part of the request that is wrong, where one is
    record JobFailed(
            JobId job,
            int attempt,
            ErrorCode code,
            String message,
            @Nullable String parameter) implements DomainEvent {
        @Override
        public String subject() {
            return job.value();
        }
    }

    /// The user stopped the job; its checkpoints remain.
    ///
    /// @param step the last optimizer step that was done
    record JobCancelled(JobId job, int attempt, int step) implements DomainEvent {
        @Override
        public String subject() {
            return job.value();
        }
    }

    /// A finished adapter is complete in the store and can be called by its name.
    ///
    /// @param manifest what it is
    /// @param manifestKey where its manifest is
    record AdapterPublished(AdapterManifest manifest, String manifestKey) implements DomainEvent {
        @Override
        public String subject() {
            return manifest.adapter().value();
        }
    }

    /// A model was deleted; it can no longer be called.
    record AdapterRetired(AdapterId adapter, ModelName name) implements DomainEvent {
        @Override
        public String subject() {
            return adapter.value();
        }
    }
}
