package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.dataset.DatasetManifest;
import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.llm.train.TrainingRun;
import io.lorica.trainer.job.Job;
import io.lorica.trainer.job.JobState;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One attempt of a job, from the claim to the published adapter. Lives on the training thread, which owns
/// its tensors.
final class JobExecution {

    private static final Logger LOG = Logger.getLogger(JobExecution.class);
    private static final int ROWS_BETWEEN_LOGS = 256 * 20;

    private final Attempt attempt;
    private final TrainingServices services;
    private final Job job;

    private JobExecution(Attempt attempt) {
        this.attempt = attempt;
        this.services = attempt.services();
        this.job = attempt.job();
    }

    /// Claims the next attempt of a job, and does it.
    static RunOutcome execute(TrainingServices services, Job job, JobState.Queued datasets, RunSignals signals) {
        try (EventOutbox outbox = new EventOutbox(services.journal(), signals)) {
            int number = services.patience()
                    .call("claiming the job", signals, () -> services.claims().claimNext(job.id()));
            LOG.infof("job claimed jobId=%s attempt=%d", job.id(), number);
            return new JobExecution(new Attempt(services, job, datasets, number, signals, outbox)).execute();
        }
    }

    private RunOutcome execute() {
        FailedAttempt failing = new FailedAttempt(attempt);
        try (Workspace workspace = Workspace.create(services.config().workDirectory(), job.id())) {
            Optional<ProductException> lost = failing.trainersLost();
            return lost.isPresent() ? failing.endWith(lost.get()) : train(workspace);
        } catch (ProductException e) {
            return failing.endWith(e);
        } catch (RuntimeException e) {
            return failing.brokenOff(e);
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
        CheckpointUpload upload = new CheckpointUpload(attempt);
        try (CheckpointSaves saves =
                        new CheckpointSaves(() -> workspace.fresh("checkpoint"), upload, upload::announce);
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
            return stopped.isPresent() ? stop(loop, stopped.get()) : publish(run, loop, workspace);
        }
    }

    private void fetching(String file, long done, long total) {
        LOG.infof("base model on its way jobId=%s file=%s done=%d total=%d", job.id(), file, done, total);
    }

    private List<TrainingExample> rows(DatasetManifest version, Path file) {
        return attempt.patiently("reading the dataset", () -> services.rows().read(version, file));
    }

    // Workers call it every few hundred rows, of which a long dataset has many.
    private void prepared(int rows, int total) {
        if (rows == total || rows % ROWS_BETWEEN_LOGS == 0) {
            LOG.infof("rows on their way to tokens jobId=%s done=%d total=%d", job.id(), rows, total);
        }
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
        loop.saveLast();
        return new Publication(attempt, run, workspace, loop.latest()).succeed();
    }

    private RunOutcome stop(TrainingLoop loop, RunSignals.StopReason reason) {
        int step = loop.saveLast();
        attempt.sendWaitingEvents();
        LOG.infof("training stopped jobId=%s attempt=%d step=%d reason=%s", job.id(), attempt.number(), step, reason);
        return switch (reason) {
            case CANCELLED -> {
                attempt.decide(
                        "cancelling the job", () -> attempt.current().cancelled(attempt.number(), step, Instant.now()));
                yield RunOutcome.DONE;
            }
            case LEASE_LOST -> RunOutcome.TAKEN_OVER;
            case SHUTDOWN -> RunOutcome.HAND_BACK;
        };
    }
}
