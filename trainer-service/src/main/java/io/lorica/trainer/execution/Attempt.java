package io.lorica.trainer.execution;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.JobId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.contracts.job.PreparationStage;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.trainer.job.Decision;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobState;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// An attempt of a job that is this trainer's: what it works on, and how it waits, tells and decides.
///
/// @param services what it calls upon
/// @param job the job as it was when the attempt began
/// @param datasets what the job learns from and is measured with
/// @param number which attempt it is, from 1
/// @param signals why it must stop
/// @param outbox where its events wait for the broker
record Attempt(
        TrainingServices services,
        Job job,
        JobState.Queued datasets,
        int number,
        RunSignals signals,
        EventOutbox outbox) {

    private static final Logger LOG = Logger.getLogger(Attempt.class);

    JobId jobId() {
        return job.id();
    }

    /// Whether the job was trained before: all that is left to do then are files made of the adapter.
    boolean trained() {
        return job.state() instanceof JobState.Succeeded;
    }

    /// Calls what may be away, and waits until it is back.
    <T> T patiently(String what, Supplier<T> action) {
        begin(what);
        if (signals.stopReason().filter(RunSignals.StopReason.GIVEN_UP::equals).isPresent()) {
            throw new RunStopped(RunSignals.StopReason.GIVEN_UP);
        }
        return services.patience().call(what, signals, this::delayed, action);
    }

    /// Begins another part of the work.
    void begin(String what) {
        signals.activity().begin(what);
    }

    /// Tells that the job waits for the machine, or has waited.
    void delayed(String doing, ErrorCode code, String message, Instant since, @Nullable Instant until) {
        send(new DomainEvent.JobDelayed(jobId(), number, doing, code, message, since, until));
    }

    /// Tells how far the preparation is.
    void prepared(PreparationStage stage, long done, long total) {
        send(new DomainEvent.PreparationProgressed(jobId(), number, stage, done, total));
        LOG.infof("preparation jobId=%s stage=%s done=%d total=%d", jobId(), stage.wireName(), done, total);
    }

    /// Tells the user what they should know of the run.
    void warn(String message) {
        send(new DomainEvent.JobWarned(jobId(), number, message));
        LOG.warnf("warning jobId=%s attempt=%d: %s", jobId(), number, message);
    }

    /// Counts how the attempt ended.
    RunOutcome ended(String outcome, RunOutcome then) {
        services.metrics().attempt(outcome);
        return then;
    }

    /// Puts an event behind those that wait.
    void send(DomainEvent event) {
        outbox.send(event);
    }

    /// Waits until all events are with the broker.
    void sendWaitingEvents() {
        patiently("sending events", () -> {
            outbox.flush();
            return number;
        });
    }

    /// Tells how much memory the training needs, or took.
    void report(MemoryUse memory) {
        send(new DomainEvent.MemoryReported(jobId(), number, memory));
        LOG.infof("memory reported jobId=%s attempt=%d: %s", jobId(), number, memory.sentence());
    }

    /// Makes a decision about the job last, where there is one to make.
    void decide(String what, Supplier<Optional<Decision>> decision) {
        patiently(what, () -> {
            decision.get().ifPresent(services.journal()::append);
            return number;
        });
    }

    /// The job as it is by now.
    Job current() {
        return services.catalog().find(job.id()).orElse(job);
    }

    /// What the adapter is after a step.
    ///
    /// @param name what it is called by
    /// @param metrics what the step measured, null before the first
    AdapterManifest manifest(
            ModelName name,
            int step,
            @Nullable StepMetrics metrics,
            List<ArtifactFile> files,
            Exports.Written exports) {
        return new AdapterManifest(
                job.adapter(),
                name,
                jobId(),
                number,
                step,
                job.spec(),
                datasets.training().id(),
                datasets.training().templateDigest(),
                metrics,
                files,
                exports.merged(),
                exports.gguf(),
                services.engine().device(),
                services.codeVersion(),
                Instant.now());
    }
}
