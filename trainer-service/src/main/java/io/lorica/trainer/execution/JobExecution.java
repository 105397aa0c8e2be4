package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.EvaluationSpec;
import io.lorica.contracts.job.EvaluationStanding;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.llm.train.Evaluation;
import io.lorica.llm.train.TrainingRun;
import io.lorica.storage.ArtifactLayout;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobState;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One attempt of a job, from the claim to the published adapter. Lives on the training thread, which owns
/// its tensors.
final class JobExecution {

    private static final Logger LOG = Logger.getLogger(JobExecution.class);
    private static final Duration VIEW_PATIENCE = Duration.ofSeconds(10);
    private static final int ROWS_BETWEEN_LOGS = 256 * 20;

    private final TrainingServices services;
    private final Job job;
    private final JobState.Queued datasets;
    private final RunSignals signals;
    private final Clock clock = Clock.systemUTC();
    private final EventOutbox outbox;
    private int attempt;
    private @Nullable StepMetrics latest;

    JobExecution(TrainingServices services, Job job, JobState.Queued datasets, RunSignals signals) {
        this.services = services;
        this.job = job;
        this.datasets = datasets;
        this.signals = signals;
        this.outbox = new EventOutbox(services.journal(), signals);
    }

    /// Does the attempt. A failure that is the job's own ends the job; one that is not leaves it to the next
    /// attempt.
    RunOutcome execute() {
        try (outbox) {
            return claimed();
        }
    }

    private RunOutcome claimed() {
        attempt = patiently("claiming the job", () -> services.claims().claimNext(job.id()));
        LOG.infof("job claimed jobId=%s attempt=%d", job.id(), attempt);
        try (Workspace workspace = Workspace.create(services.config().workDirectory(), job.id())) {
            if (!trained() && fruitlessAttempts() >= services.config().maxAttempts()) {
                return failed(trainersLost());
            }
            return train(workspace);
        } catch (ProductException e) {
            return failed(e);
        } catch (RuntimeException e) {
            return broken(e);
        }
    }

    // All that is left to do then are files made of the adapter.
    private boolean trained() {
        return job.state() instanceof JobState.Succeeded;
    }

    // Attempts before this one that ended without a new checkpoint. An attempt that got on, however short,
    // does not count: brokers restart and machines are drained in the course of a long job.
    private int fruitlessAttempts() {
        int progressed = patiently(
                "looking for checkpoints", () -> services.checkpoints().newestAttempt(job.adapter()));
        return attempt - 1 - progressed;
    }

    private RunOutcome train(Workspace workspace) {
        Path model = patiently(
                "fetching the base model",
                () -> services.models()
                        .fetch(
                                job.spec().model(),
                                (file, done, total) -> LOG.infof(
                                        "base model on its way jobId=%s file=%s done=%d total=%d",
                                        job.id(), file, done, total)));
        List<TrainingExample> training = rows(datasets.training(), workspace.file("training.jsonl"));
        @Nullable DatasetManifest measured = datasets.validation();
        List<TrainingExample> validation =
                measured == null ? List.of() : rows(measured, workspace.file("validation.jsonl"));
        Path restored = workspace.fresh("restored");
        Optional<AdapterManifest> checkpoint = patiently(
                "looking for a checkpoint", () -> services.checkpoints().restoreNewest(job.adapter(), restored));
        try (CheckpointSaves saves = checkpointSaves(workspace);
                TrainingRun run = services.engine()
                        .open(model, job.spec(), training, validation, checkpoint.map(_ -> restored), this::prepared)) {
            if (trained()) {
                return complete(run, checkpoint, workspace);
            }
            start(run, saves, checkpoint);
            Optional<RunSignals.StopReason> stopped = steps(run, saves);
            return stopped.isPresent() ? stop(run, saves, stopped.get()) : publish(run, saves, workspace);
        }
    }

    private CheckpointSaves checkpointSaves(Workspace workspace) {
        return new CheckpointSaves(
                () -> workspace.fresh("checkpoint"),
                new CheckpointUpload(services, job, attempt, signals),
                manifest -> outbox.send(saved(manifest)));
    }

    // Workers call it every few hundred rows, of which a long dataset has many.
    private void prepared(int rows, int total) {
        if (rows == total || rows % ROWS_BETWEEN_LOGS == 0) {
            LOG.infof("rows on their way to tokens jobId=%s done=%d total=%d", job.id(), rows, total);
        }
    }

    private List<TrainingExample> rows(DatasetManifest version, Path file) {
        return patiently("reading the dataset", () -> services.rows().read(version, file));
    }

    private void start(TrainingRun run, CheckpointSaves saves, Optional<AdapterManifest> checkpoint) {
        int from = checkpoint.map(AdapterManifest::step).orElse(0);
        latest = checkpoint.map(AdapterManifest::metrics).orElse(null);
        patiently("starting the job", () -> {
            job.started(attempt, run.totalSteps(), from, warnings(run), run.engine(), clock.instant())
                    .ifPresent(services.journal()::append);
            return from;
        });
        report(run.forecast());
        checkpoint.ifPresent(saves::goOnFrom);
        LOG.infof("training started jobId=%s attempt=%d step=%d of=%d", job.id(), attempt, from, run.totalSteps());
    }

    private void report(MemoryUse memory) {
        outbox.send(new DomainEvent.MemoryReported(job.id(), attempt, memory));
        LOG.infof("memory reported jobId=%s attempt=%d: %s", job.id(), attempt, memory.sentence());
    }

    private List<String> warnings(TrainingRun run) {
        List<String> warnings = new ArrayList<>();
        services.rows().leftOut(datasets.training(), "training file").ifPresent(warnings::add);
        Optional.ofNullable(datasets.validation())
                .flatMap(version -> services.rows().leftOut(version, "validation file"))
                .ifPresent(warnings::add);
        warnings.addAll(run.warnings());
        return warnings;
    }

    private Optional<RunSignals.StopReason> steps(TrainingRun run, CheckpointSaves saves) {
        while (!run.finished()) {
            if (services.catalog().stopRequested(job.id())) {
                signals.stop(RunSignals.StopReason.CANCELLED);
            }
            if (signals.stopReason().isPresent()) {
                return signals.stopReason();
            }
            step(run, saves);
        }
        return Optional.empty();
    }

    private void step(TrainingRun run, CheckpointSaves saves) {
        StepMetrics metrics = run.step();
        int step = metrics.step();
        TrainingPlan plan = job.spec().plan();
        boolean due = saves.pending() || services.cadence().checkpointDue(plan, step, run.totalSteps());
        boolean measured = due || run.finished() || services.cadence().evaluationDue(plan, step);
        if (measured) {
            metrics = run.evaluate().map(withEvaluation(metrics, run)).orElse(metrics);
        }
        // What is the best so far, and what is the last, can be called by its name.
        boolean best = measured && bestAt(run, step);
        due = due || run.finished() || best;
        latest = metrics;
        if (measured || step == 1 || step % plan.logEvery() == 0) {
            outbox.send(new DomainEvent.JobProgressed(job.id(), attempt, metrics.withGpuMemory(gpuMemory(run))));
        }
        if (best && evaluation().loadBest()) {
            saves.save(run, checkpoint(run), action -> patiently("saving the best checkpoint", action));
        } else if (due) {
            saves.begin(run, checkpoint(run));
        }
    }

    private static @Nullable Long gpuMemory(TrainingRun run) {
        return run.memoryTaken()
                .filter(MemoryUse::onGpu)
                .map(MemoryUse::measured)
                .orElse(null);
    }

    private boolean bestAt(TrainingRun run, int step) {
        return run.standing()
                .map(standing ->
                        evaluation().loadBest() ? standing.lowestMeasured().step() : standing.bestStep())
                .filter(best -> best == step)
                .isPresent();
    }

    private EvaluationSpec evaluation() {
        return job.spec().plan().extras().evaluation();
    }

    private static Function<Evaluation, StepMetrics> withEvaluation(StepMetrics step, TrainingRun run) {
        return evaluation -> step.measured(
                evaluation.loss(), evaluation.tokenAccuracy(), run.standing().orElse(null));
    }

    private DomainEvent.CheckpointSaved saved(AdapterManifest manifest) {
        return new DomainEvent.CheckpointSaved(
                job.id(),
                attempt,
                job.adapter(),
                manifest.name(),
                job.spec().model(),
                manifest.step(),
                ArtifactLayout.checkpointManifest(job.adapter(), manifest.step())
                        .value(),
                manifest.metrics());
    }

    private AdapterManifest checkpoint(TrainingRun run) {
        return manifest(run, job.modelName().checkpoint(run.completedSteps()), List.of(), Exports.Written.NOTHING);
    }

    private RunOutcome stop(TrainingRun run, CheckpointSaves saves, RunSignals.StopReason reason) {
        if (run.completedSteps() > saves.savedStep()) {
            saves.save(run, checkpoint(run), action -> patiently("saving a last checkpoint", action));
        }
        sendWaitingEvents();
        LOG.infof(
                "training stopped jobId=%s attempt=%d step=%d reason=%s", job.id(), attempt, saves.savedStep(), reason);
        return switch (reason) {
            case CANCELLED -> cancelled(run.completedSteps());
            case LEASE_LOST -> RunOutcome.TAKEN_OVER;
            case SHUTDOWN -> RunOutcome.HAND_BACK;
        };
    }

    private void sendWaitingEvents() {
        patiently("sending events", () -> {
            outbox.flush();
            return attempt;
        });
    }

    private RunOutcome cancelled(int step) {
        return patiently("cancelling the job", () -> {
            current().cancelled(attempt, step, clock.instant()).ifPresent(services.journal()::append);
            return RunOutcome.DONE;
        });
    }

    private RunOutcome publish(TrainingRun run, CheckpointSaves saves, Workspace workspace) {
        // Merging takes memory too, of which the forecast knows nothing.
        run.memoryTaken().ifPresent(this::report);
        if (saves.savedStep() < run.completedSteps()) {
            saves.save(run, checkpoint(run), action -> patiently("saving the last checkpoint", action));
        }
        long tokens = latest == null ? 0 : latest.trainedTokens();
        Optional<EvaluationStanding.Measured> lowest = goBackToLowest(run, workspace);
        Published published = publish(run, workspace, List.of());
        outbox.send(new DomainEvent.AdapterPublished(
                published.manifest(),
                ArtifactLayout.adapterManifest(job.adapter()).value()));
        sendWaitingEvents();
        return succeeded(published, tokens, lowest.orElse(null));
    }

    // The job stays as it ended: no event tells of its end, or of the adapter, a second time.
    private RunOutcome complete(TrainingRun run, Optional<AdapterManifest> checkpoint, Workspace workspace) {
        AdapterManifest before = patiently(
                        "looking for the adapter", () -> services.publisher().published(job.adapter()))
                .filter(_ -> run.finished())
                .orElseThrow(() -> ProductException.of(
                        ErrorCode.MODEL_NOT_FOUND,
                        "The model " + job.modelName() + " or its last checkpoint is deleted, so nothing can be made of"
                                + " it any more."));
        latest = checkpoint.map(AdapterManifest::metrics).orElse(null);
        goBackToLowest(run, workspace);
        Published published = publish(run, workspace, before.merged());
        sendWaitingEvents();
        return patiently("finishing the exports", () -> {
            services.journalReader().awaitNow(VIEW_PATIENCE);
            current()
                    .exported(attempt, results(published.manifest()), published.exported())
                    .ifPresent(services.journal()::append);
            LOG.infof("exports written jobId=%s attempt=%d all=%b", job.id(), attempt, published.exported());
            return RunOutcome.DONE;
        });
    }

    private Optional<EvaluationStanding.Measured> goBackToLowest(TrainingRun run, Workspace workspace) {
        Optional<EvaluationStanding.Measured> lowest =
                run.standing().filter(_ -> evaluation().loadBest()).map(EvaluationStanding::lowestMeasured);
        lowest.ifPresent(best -> goBackTo(best.step(), run, workspace));
        return lowest;
    }

    /// @param exported whether everything else that was asked for is in the store, too
    private record Published(AdapterManifest manifest, boolean exported) {}

    private Published publish(TrainingRun run, Workspace workspace, List<ArtifactFile> merged) {
        Path directory = workspace.fresh("adapter");
        run.saveAdapter(directory);
        List<ArtifactFile> files =
                patiently("uploading the adapter", () -> services.upload().asBlobs(job.adapter(), directory));
        Exports.Written exports =
                new Exports(services, job, attempt, outbox, signals).write(run, directory, workspace, merged);
        AdapterManifest published = patiently(
                "publishing the adapter",
                () -> services.publisher().publish(manifest(run, job.modelName(), files, exports)));
        return new Published(published, exports.complete());
    }

    private void goBackTo(int step, TrainingRun run, Workspace workspace) {
        if (step == run.completedSteps()) {
            return;
        }
        Path directory = workspace.fresh("best");
        AdapterManifest best = patiently(
                        "fetching the best checkpoint",
                        () -> services.checkpoints().restore(job.adapter(), step, directory))
                .orElseThrow(() -> ProductException.of(
                        ErrorCode.INTERNAL_ERROR,
                        "The checkpoint after step " + step
                                + ", whose validation loss was the lowest, is damaged in the"
                                + " store or gone. The job's other checkpoints can still be called by their names."));
        run.goBackTo(directory);
        latest = best.metrics();
        LOG.infof("went back to the best checkpoint jobId=%s attempt=%d step=%d", job.id(), attempt, step);
    }

    private RunOutcome succeeded(Published published, long tokens, EvaluationStanding.@Nullable Measured lowest) {
        return patiently("finishing the job", () -> {
            services.journalReader().awaitNow(VIEW_PATIENCE);
            current()
                    .succeeded(
                            attempt,
                            tokens,
                            lowest,
                            results(published.manifest()),
                            published.exported(),
                            clock.instant())
                    .ifPresent(services.journal()::append);
            LOG.infof("job succeeded jobId=%s attempt=%d model=%s", job.id(), attempt, job.modelName());
            return RunOutcome.DONE;
        });
    }

    private List<FileId> results(AdapterManifest published) {
        Instant now = clock.instant();
        List<FileId> files = new ArrayList<>();
        files.add(services.results()
                .write(job.id(), services.history().metrics(job.id()).sequencedValues(), now));
        files.addAll(services.resultFiles().list(published.merged(), now));
        files.addAll(services.resultFiles().list(published.gguf(), now));
        return files;
    }

    private RunOutcome failed(ProductException failure) {
        if (signals.stopReason()
                .filter(RunSignals.StopReason.LEASE_LOST::equals)
                .isPresent()) {
            LOG.warnf("job left to another trainer jobId=%s attempt=%d", job.id(), attempt);
            return RunOutcome.TAKEN_OVER;
        }
        if (failure.code().kind() == ErrorKind.UNAVAILABLE) {
            LOG.warnf("job handed back jobId=%s attempt=%d: %s", job.id(), attempt, failure.detail());
            return RunOutcome.HAND_BACK;
        }
        if (trained()) {
            return incomplete(failure);
        }
        LOG.errorf(failure, "job failed jobId=%s attempt=%d", job.id(), attempt);
        return patiently("failing the job", () -> {
            outbox.flush();
            current()
                    .failed(attempt, failure.code(), failure.detail(), failure.parameter(), clock.instant())
                    .ifPresent(services.journal()::append);
            return RunOutcome.DONE;
        });
    }

    private RunOutcome incomplete(ProductException failure) {
        LOG.errorf(failure, "exports not written jobId=%s attempt=%d", job.id(), attempt);
        String message = ErrorCode.EXPORT_FAILED.wireName() + ": " + failure.detail();
        outbox.send(new DomainEvent.MergeJudged(job.id(), attempt, false, message, null));
        sendWaitingEvents();
        return RunOutcome.DONE;
    }

    private ProductException trainersLost() {
        return ProductException.of(
                ErrorCode.INTERNAL_ERROR,
                "The last " + fruitlessAttempts() + " trainers of the job were lost before they reached another"
                        + " checkpoint, most likely for want of memory. Its checkpoints remain. Try a smaller batch_size"
                        + " or max_seq_length.");
    }

    // What nobody foresaw may be this machine's trouble, so that others get a try; the last one tells what
    // it was.
    private RunOutcome broken(RuntimeException failure) {
        LOG.errorf(failure, "the attempt broke off jobId=%s attempt=%d", job.id(), attempt);
        if (!trained() && fruitlessAttempts() + 1 < services.config().maxAttempts()) {
            return RunOutcome.HAND_BACK;
        }
        return failed(ProductException.of(
                ErrorCode.INTERNAL_ERROR,
                "The training broke off again and again: " + failure.getMessage()
                        + ". The trainer's log has the details under the job's id.",
                failure));
    }

    private AdapterManifest manifest(
            TrainingRun run, ModelName name, List<ArtifactFile> files, Exports.Written exports) {
        return new AdapterManifest(
                job.adapter(),
                name,
                job.id(),
                attempt,
                run.completedSteps(),
                job.spec(),
                datasets.training().id(),
                datasets.training().templateDigest(),
                latest,
                new ArrayList<>(files),
                exports.merged(),
                exports.gguf(),
                services.engine().device(),
                services.codeVersion(),
                clock.instant());
    }

    private Job current() {
        return services.catalog().find(job.id()).orElse(job);
    }

    private <T> T patiently(String what, Supplier<T> action) {
        return services.patience().call(what, signals, action);
    }
}
