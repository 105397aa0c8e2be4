package io.lorica.trainer.job;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.EvaluationStanding;
import io.lorica.contracts.job.JobSpec;
import org.jspecify.annotations.Nullable;

/// A fine-tuning job. Its methods decide what may happen next; an empty answer means that nothing does,
/// because the job has already gone on.
///
/// @param id the job
/// @param adapter the adapter that it trains
/// @param spec what was asked for
/// @param organization to whom it belongs
/// @param createdAt when it was asked for
/// @param state where it is in its life
/// @param resumption how often it went on after it had ended
public record Job(
        JobId id,
        AdapterId adapter,
        JobSpec spec,
        String organization,
        Instant createdAt,
        JobState state,
        Resumption resumption) {

    /// A new job, whose files are still to be read.
    public static Decision submit(JobId id, JobSpec spec, String organization, Instant now) {
        Job job = new Job(
                id, AdapterId.random(), spec, organization, now, new JobState.ValidatingFiles(), Resumption.NONE);
        return Decision.of(job, new DomainEvent.JobSubmitted(job.id, job.adapter, spec));
    }

    /// The name under which the finished adapter can be called.
    @JsonIgnore
    public ModelName.FineTuned modelName() {
        return ModelName.fineTuned(spec.model(), organization, spec.suffix(), adapter);
    }

    /// Which attempt the job is in or ended in; 0 before the first.
    @JsonIgnore
    public int attempt() {
        return switch (state) {
            case JobState.ValidatingFiles _, JobState.Queued _ -> 0;
            case JobState.Running running -> running.attempt();
            case JobState.Succeeded succeeded -> succeeded.attempt();
            case JobState.Failed failed -> failed.attempt();
            case JobState.Cancelled cancelled -> cancelled.attempt();
        };
    }

    /// Whether this is the same job at the same point of its life, or later in it.
    boolean supersedes(Job other) {
        if (resumption.count() != other.resumption.count()) {
            return resumption.count() > other.resumption.count();
        }
        return (!other.state.finished() || completes(other))
                && attempt() >= other.attempt()
                && state.stage() >= other.state.stage();
    }

    private boolean completes(Job other) {
        return state instanceof JobState.Succeeded && other.lacksExports() && attempt() > other.attempt();
    }

    /// The rows are good.
    public Optional<Decision> filesValidated(DomainEvent.DatasetPublished published) {
        return state instanceof JobState.ValidatingFiles validating
                ? Optional.of(Decision.queued(with(validating.toQueued(published.manifest(), published.validation()))))
                : Optional.empty();
    }

    /// The rows cannot be used.
    public Optional<Decision> filesRejected(DomainEvent.DatasetRejected rejected, Instant now) {
        return state instanceof JobState.ValidatingFiles
                ? failed(0, rejected.code(), rejected.message(), rejected.parameter(), now)
                : Optional.empty();
    }

    /// A trainer took the job, for the first time or after another trainer was lost.
    ///
    /// @param warnings what the user should know before the first step
    /// @param engine what it trains on, and how, in words
    public Optional<Decision> started(
            int attempt, int totalSteps, int resumedFromStep, List<String> warnings, String engine, Instant now) {
        return switch (state) {
            case JobState.Queued queued ->
                Optional.of(started(queued.toRunning(attempt, now, totalSteps), resumedFromStep, warnings, engine));
            case JobState.Running running
            when attempt >= running.attempt() ->
                Optional.of(started(running.toRunning(attempt, now, totalSteps), resumedFromStep, warnings, engine));
            case JobState.Running _, JobState.ValidatingFiles _, JobState.Finished _ -> Optional.empty();
        };
    }

    private Decision started(JobState.Running running, int resumedFromStep, List<String> warnings, String engine) {
        DatasetManifest validation = running.validation();
        String rows = "Training file: " + running.training().counts()
                + (validation == null ? "" : "; validation file: " + validation.counts());
        return Decision.of(
                with(running),
                new DomainEvent.JobStarted(
                        id, running.attempt(), running.totalSteps(), resumedFromStep, warnings, engine, rows));
    }

    /// The last adapter is published.
    public Optional<Decision> succeeded(int attempt, long trainedTokens, List<FileId> results, Instant now) {
        return succeeded(attempt, trainedTokens, null, results, true, now);
    }

    /// The adapter is published.
    ///
    /// @param lowest the loss that it was chosen for, null where it is the last one
    /// @param exported whether everything else that was asked for is published, too
    public Optional<Decision> succeeded(
            int attempt,
            long trainedTokens,
            EvaluationStanding.@Nullable Measured lowest,
            List<FileId> results,
            boolean exported,
            Instant now) {
        return state instanceof JobState.Running running && running.attempt() == attempt
                ? Optional.of(Decision.of(
                        with(running.toSucceeded(modelName(), trainedTokens, results, exported, now)),
                        new DomainEvent.JobSucceeded(id, attempt, modelName(), trainedTokens, lowest)))
                : Optional.empty();
    }

    /// Whether files are missing that were asked for beside the adapter, so that another attempt can make
    /// them.
    public boolean lacksExports() {
        return state instanceof JobState.Succeeded succeeded && succeeded.unexported() != null;
    }

    /// A later attempt made files that were missing.
    ///
    /// @param exported whether none is missing any more
    public Optional<Decision> exported(int later, List<FileId> results, boolean exported) {
        return state instanceof JobState.Succeeded succeeded && lacksExports() && later > succeeded.attempt()
                ? Optional.of(Decision.of(with(succeeded.toExported(later, results, exported))))
                : Optional.empty();
    }

    /// The job cannot go on.
    public Optional<Decision> failed(
            int attempt, ErrorCode code, String message, @Nullable String parameter, Instant now) {
        return state.finished() || attempt < attempt()
                ? Optional.empty()
                : Optional.of(Decision.of(
                        with(state.toFailed(code, message, parameter, attempt, now)),
                        new DomainEvent.JobFailed(id, attempt, code, message, parameter)));
    }

    /// The user stopped the job.
    public Optional<Decision> cancelled(int attempt, int step, Instant now) {
        return state.finished() || attempt < attempt()
                ? Optional.empty()
                : Optional.of(Decision.of(
                        with(state.toCancelled(step, attempt, now)), new DomainEvent.JobCancelled(id, attempt, step)));
    }

    /// A user has a job go on that failed or was cancelled; whether a checkpoint is left is for the caller to see.
    public Optional<Decision> resumed() {
        boolean brokenOff = state instanceof JobState.Failed || state instanceof JobState.Cancelled;
        return state.knownDatasets()
                .filter(_ -> brokenOff)
                .map(datasets -> new Decision(
                        new Job(id, adapter, spec, organization, createdAt, datasets, resumption.after(attempt())),
                        List.of(new DomainEvent.JobResumed(id, attempt())),
                        true));
    }

    private Job with(JobState next) {
        return new Job(id, adapter, spec, organization, createdAt, next, resumption);
    }
}
