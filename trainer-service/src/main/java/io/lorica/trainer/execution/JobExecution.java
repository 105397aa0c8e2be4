package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.PreparationStage;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.kit.event.PreparationEvents;
import io.lorica.llm.train.TrainingRun;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobState;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One attempt of a job, from the claim to the published adapter. Lives on the training thread, which owns
/// its tensors.
final class JobExecution {

    private static final Logger LOG = Logger.getLogger(JobExecution.class);

    private final Attempt attempt;
    private final TrainingServices services;
    private final Job job;
    private final RunSignals signals;
    private final PreparationEvents preparation;

    private JobExecution(Attempt attempt) {
        this.attempt = attempt;
        this.services = attempt.services();
        this.job = attempt.job();
        this.signals = attempt.signals();
        this.preparation = new PreparationEvents(attempt::prepared, System::nanoTime);
    }

    /// Claims the next attempt of a job, and does it.
    static RunOutcome execute(TrainingServices services, Job job, JobState.Queued datasets, RunSignals signals) {
        try (EventOutbox outbox = new EventOutbox(services.journal(), signals)) {
            Attempt unclaimed = new Attempt(services, job, datasets, 0, signals, outbox);
            if (services.catalog().stopRequested(job.id())) {
                return new StoppedAttempt(unclaimed).cancel(job.attempt(), 0);
            }
            int number = unclaimed.patiently(
                    "claiming the job", () -> services.claims().claimNext(job.id()));
            signals.activity().claimed(number);
            LOG.infof("job claimed jobId=%s attempt=%d", job.id(), number);
            return new JobExecution(new Attempt(services, job, datasets, number, signals, outbox)).execute();
        } catch (RunStopped e) {
            return e.reason() == RunSignals.StopReason.SHUTDOWN ? RunOutcome.HAND_BACK : RunOutcome.TAKEN_OVER;
        }
    }

    private RunOutcome execute() {
        FailedAttempt failing = new FailedAttempt(attempt);
        try (Workspace workspace = attempt.patiently(
                "making room on the disk",
                () -> Workspace.create(services.config().workDirectory(), job.id()))) {
            Optional<ProductException> lost = failing.trainersLost();
            return lost.isPresent() ? failing.endWith(lost.get()) : train(workspace);
        } catch (RuntimeException e) {
            RuntimeException failure = services.patience().translate(e, 0);
            return signals.stopReason()
                    .map(reason -> new StoppedAttempt(attempt).breakOff(reason, failure))
                    .orElseGet(() -> failure instanceof ProductException known
                            ? failing.endWith(known)
                            : failing.brokenOff(failure));
        }
    }

    private RunOutcome train(Workspace workspace) {
        Path model = attempt.patiently(
                "fetching the base model",
                () -> services.models().fetch(job.spec().model(), this::fetching));
        List<TrainingExample> training = rows(attempt.datasets().training(), workspace.file("training.jsonl"));
        @Nullable DatasetManifest measured = attempt.datasets().validation();
        List<TrainingExample> validation =
                measured == null ? List.of() : rows(measured, workspace.file("validation.jsonl"));
        StartingPoint from = StartingPoint.find(attempt, workspace.fresh("restored"));
        attempt.begin("loading the base model and making rows into tokens");
        try (CheckpointSaves saves = saves(workspace);
                TrainingRun run =
                        services.engine().open(model, job.spec(), training, validation, from.start(), this::prepared)) {
            StepMetrics before = from.metrics();
            if (attempt.trained()) {
                return new Publication(attempt, run, workspace, before).completeExports();
            }
            from.requireStepsLeft(run);
            start(run, from.step());
            from.own().ifPresentOrElse(saves::goOnFrom, () -> saves.goOnBehind(from.step()));
            TrainingLoop loop = new TrainingLoop(attempt, run, saves, before);
            Optional<RunSignals.StopReason> stopped = loop.untilFinished();
            return stopped.isPresent()
                    ? new StoppedAttempt(attempt).after(loop, stopped.get())
                    : publish(run, loop, workspace);
        }
    }

    private CheckpointSaves saves(Workspace workspace) {
        CheckpointUpload upload = new CheckpointUpload(attempt);
        return new CheckpointSaves(
                () -> workspace.fresh("checkpoint"), upload, upload::announce, new CheckpointDelays(attempt));
    }

    private void fetching(String file, long done, long total) {
        signals.check();
        signals.activity().advance();
        preparation.progressed(PreparationStage.DOWNLOADING, done, total);
        LOG.debugf("base model on its way jobId=%s file=%s done=%d total=%d", job.id(), file, done, total);
    }

    private List<TrainingExample> rows(DatasetManifest version, Path file) {
        return attempt.patiently("reading the dataset", () -> services.rows().read(version, file));
    }

    // Workers call it every few hundred rows, of which a long dataset has many.
    private void prepared(int rows, int total) {
        signals.check();
        signals.activity().advance();
        preparation.progressed(PreparationStage.TOKENIZING, rows, total);
    }

    private void start(TrainingRun run, int from) {
        attempt.decide(
                "starting the job",
                () -> job.started(
                        attempt.number(), run.totalSteps(), from, warnings(run), run.engine(), Instant.now()));
        attempt.report(run.forecast());
        LOG.infof(
                "training started jobId=%s attempt=%d step=%d of=%d",
                job.id(), attempt.number(), from, run.totalSteps());
    }

    private List<String> warnings(TrainingRun run) {
        List<String> warnings = new ArrayList<>();
        DatasetRows.leftOut(attempt.datasets().training(), "training file").ifPresent(warnings::add);
        Optional.ofNullable(attempt.datasets().validation())
                .flatMap(version -> DatasetRows.leftOut(version, "validation file"))
                .ifPresent(warnings::add);
        warnings.addAll(run.warnings());
        return warnings;
    }

    private RunOutcome publish(TrainingRun run, TrainingLoop loop, Workspace workspace) {
        // Merging takes memory too, of which the forecast knows nothing.
        run.memoryTaken().ifPresent(attempt::report);
        loop.warning().ifPresent(attempt::warn);
        loop.saveLast();
        return new Publication(attempt, run, workspace, loop.latest()).succeed();
    }
}
