package io.lorica.contracts.event;

import java.time.Instant;
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
import io.lorica.contracts.job.PreparationStage;
import io.lorica.contracts.job.StepMetrics;
import org.jspecify.annotations.Nullable;

/// Something that has happened. Fields are only ever added; a change of meaning is a new version of the type.
public sealed interface DomainEvent {

    /// The id of the aggregate that it happened to: the record's key, so that its events stay in order.
    String subject();

    /// Something that has happened to a job.
    sealed interface JobEvent extends DomainEvent {

        /// The job.
        JobId job();

        @Override
        default String subject() {
            return job().value();
        }
    }

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
    record JobSubmitted(JobId job, AdapterId adapter, JobSpec spec) implements JobEvent {}

    /// A trainer took the job and trains.
    ///
    /// @param attempt which attempt it is, from 1
    /// @param totalSteps how many optimizer steps the job has
    /// @param resumedFromStep the checkpoint that the attempt goes on from, 0 for none
    /// @param warnings what the user should know before the first step, one sentence each
    /// @param engine what it trains on, and how, in words; null in older events
    /// @param rows how many rows and examples each file gives, in words; null in older events
    record JobStarted(
            JobId job,
            int attempt,
            int totalSteps,
            int resumedFromStep,
            List<String> warnings,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String engine,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            String rows)
            implements JobEvent {
        public JobStarted {
            warnings = List.copyOf(warnings);
        }
    }

    /// The memory of an attempt is known: forecast before the first step, measured after the last.
    ///
    /// @param memory forecast and, after the last step, measurement
    record MemoryReported(JobId job, int attempt, MemoryUse memory) implements JobEvent {}

    /// Optimizer steps are done.
    record JobProgressed(JobId job, int attempt, StepMetrics metrics) implements JobEvent {}

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
            implements JobEvent {}

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
            @Nullable MergeProof proof) implements JobEvent {}

    /// A GGUF file of a job was written, or cannot be.
    ///
    /// @param file the file's name, such as `model-q8_0.gguf`
    /// @param published whether it is published; the adapter is in any case
    /// @param message what it is, or why it is not there
    record GgufJudged(JobId job, int attempt, String file, boolean published, String message) implements JobEvent {}

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
            implements JobEvent {}

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
            @Nullable String parameter) implements JobEvent {}

    /// The user stopped the job; its checkpoints remain.
    ///
    /// @param step the last optimizer step that was done
    record JobCancelled(JobId job, int attempt, int step) implements JobEvent {}

    /// The preparation of a job got on.
    ///
    /// @param attempt which attempt it is, from 1; 0 before the first
    /// @param stage what is under way
    /// @param done how much of it is done, in the stage's unit
    /// @param total how much there is to do
    record PreparationProgressed(JobId job, int attempt, PreparationStage stage, long done, long total)
            implements JobEvent {}

    /// A job waits for something of the machine's, or has waited.
    ///
    /// @param attempt which attempt it is, from 1; 0 before the first
    /// @param doing what the attempt is about to do
    /// @param code which failure it waits out
    /// @param message what is wrong and what to do
    /// @param since when the wait began
    /// @param until when it was over, null while it lasts
    record JobDelayed(
            JobId job,
            int attempt,
            String doing,
            ErrorCode code,
            String message,
            Instant since,
            @Nullable Instant until)
            implements JobEvent {}

    /// An attempt ended before its job did; another attempt goes on.
    ///
    /// @param code why it ended
    /// @param message what happened and what to do
    /// @param counts whether it is one of the attempts that a job may lose; a fault of the machine is not
    record JobInterrupted(JobId job, int attempt, ErrorCode code, String message, boolean counts) implements JobEvent {}

    /// There is something about a run that the user should know.
    ///
    /// @param message what it is and what to do
    record JobWarned(JobId job, int attempt, String message) implements JobEvent {}

    /// A user had a job that had ended go on.
    ///
    /// @param attempt the attempt in which it had ended
    record JobResumed(JobId job, int attempt) implements JobEvent {}

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

    /// A model was deleted with its checkpoints, or one checkpoint; it can no longer be called.
    ///
    /// @param adapter the adapter
    /// @param name what was deleted: a fine-tuned model or a checkpoint
    record AdapterRetired(AdapterId adapter, ModelName name) implements DomainEvent {
        @Override
        public String subject() {
            return adapter.value();
        }
    }
}
