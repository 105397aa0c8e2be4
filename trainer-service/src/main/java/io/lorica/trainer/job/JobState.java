package io.lorica.trainer.job;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.ModelName;
import org.jspecify.annotations.Nullable;

/// Where a job is in its life, with exactly the data that exists there. What may follow is a method.
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "status")
@JsonSubTypes({
    @JsonSubTypes.Type(value = JobState.ValidatingFiles.class, name = "validating_files"),
    @JsonSubTypes.Type(value = JobState.Queued.class, name = "queued"),
    @JsonSubTypes.Type(value = JobState.Running.class, name = "running"),
    @JsonSubTypes.Type(value = JobState.Succeeded.class, name = "succeeded"),
    @JsonSubTypes.Type(value = JobState.Failed.class, name = "failed"),
    @JsonSubTypes.Type(value = JobState.Cancelled.class, name = "cancelled")
})
public sealed interface JobState {

    /// The state's name in OpenAI's API.
    String wireName();

    /// How far the job has come; it never goes back.
    default int stage() {
        return switch (this) {
            case ValidatingFiles _ -> 0;
            case Queued _ -> 1;
            case Running _ -> 2;
            case Finished _ -> 3;
        };
    }

    /// Whether nothing more will happen to the job.
    default boolean finished() {
        return this instanceof Finished;
    }

    /// What the job learns from, once that is known.
    default Optional<Queued> knownDatasets() {
        return Optional.ofNullable(
                switch (this) {
                    case ValidatingFiles _ -> null;
                    case Queued queued -> queued;
                    case Running running -> new Queued(running.training(), running.validation());
                    case Succeeded succeeded -> succeeded.unexported();
                    case Failed failed -> failed.datasets();
                    case Cancelled cancelled -> cancelled.datasets();
                });
    }

    /// The job cannot go on.
    default Failed toFailed(ErrorCode code, String message, @Nullable String parameter, int attempt, Instant now) {
        return new Failed(
                code, message, parameter, attempt, now, knownDatasets().orElse(null));
    }

    /// The user stopped the job.
    default Cancelled toCancelled(int step, int attempt, Instant now) {
        return new Cancelled(step, attempt, now, knownDatasets().orElse(null));
    }

    /// The states that are final.
    sealed interface Finished extends JobState {

        /// When the job ended.
        Instant finishedAt();
    }

    /// The rows are being read and formatted.
    record ValidatingFiles() implements JobState {

        @Override
        public String wireName() {
            return "validating_files";
        }

        /// The rows are good; the job waits for a device.
        public Queued toQueued(DatasetManifest training, @Nullable DatasetManifest validation) {
            return new Queued(training, validation);
        }
    }

    /// The job waits for a device.
    ///
    /// @param training what it will learn from
    /// @param validation what its loss will be measured on
    record Queued(DatasetManifest training, @Nullable DatasetManifest validation) implements JobState {

        @Override
        public String wireName() {
            return "queued";
        }

        /// A trainer took the job.
        public Running toRunning(int attempt, Instant now, int totalSteps) {
            return new Running(training, validation, attempt, now, totalSteps);
        }
    }

    /// A trainer trains.
    ///
    /// @param attempt which attempt it is, from 1
    /// @param startedAt when this attempt began
    /// @param totalSteps how many optimizer steps the job has
    record Running(
            DatasetManifest training,
            @Nullable DatasetManifest validation,
            int attempt,
            Instant startedAt,
            int totalSteps)
            implements JobState {

        @Override
        public String wireName() {
            return "running";
        }

        /// Another trainer took the job over.
        public Running toRunning(int nextAttempt, Instant now, int steps) {
            return new Running(training, validation, nextAttempt, now, steps);
        }

        /// The adapter is published.
        ///
        /// @param exported whether everything else that was asked for is, too
        public Succeeded toSucceeded(
                ModelName model, long trainedTokens, List<FileId> results, boolean exported, Instant now) {
            Queued unexported = exported ? null : new Queued(training, validation);
            return new Succeeded(model, trainedTokens, results, attempt, now, unexported);
        }
    }

    /// The adapter is published.
    ///
    /// @param model the name under which it can be called
    /// @param trainedTokens learned tokens over all steps
    /// @param resultFiles the tables of metrics
    /// @param unexported what the files are to be made with that were asked for beside the adapter and could not be
    ///     written; null where none is missing
    record Succeeded(
            ModelName model,
            long trainedTokens,
            List<FileId> resultFiles,
            int attempt,
            Instant finishedAt,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Queued unexported)
            implements Finished {

        public Succeeded {
            resultFiles = List.copyOf(resultFiles);
        }

        @Override
        public String wireName() {
            return "succeeded";
        }

        /// Another attempt made more of the files that were missing.
        ///
        /// @param exported whether none is missing any more
        public Succeeded toExported(int later, List<FileId> results, boolean exported) {
            return new Succeeded(model, trainedTokens, results, later, finishedAt, exported ? null : unexported);
        }
    }

    /// The job ended without a result.
    ///
    /// @param code which failure it is
    /// @param message what is wrong and what to do
    /// @param parameter the part of the request that is wrong, where one is
    /// @param datasets what it can go on with, null where its files were never read
    record Failed(
            ErrorCode code,
            String message,
            @Nullable String parameter,
            int attempt,
            Instant finishedAt,
            @Nullable Queued datasets)
            implements Finished {

        @Override
        public String wireName() {
            return "failed";
        }
    }

    /// The user stopped the job.
    ///
    /// @param step the last optimizer step that was done
    /// @param datasets what it can go on with, null where its files were never read
    record Cancelled(
            int step,
            int attempt,
            Instant finishedAt,
            @Nullable Queued datasets) implements Finished {

        @Override
        public String wireName() {
            return "cancelled";
        }
    }
}
