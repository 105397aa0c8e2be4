package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.job.EvaluationStanding;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.llm.train.TrainingRun;
import io.lorica.storage.ArtifactLayout;
import io.lorica.trainer.job.Job;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The end of a run that is finished: the adapter is published, with the files that the job asked for beside it. Lives
/// on the training thread.
final class Publication {

    private static final Logger LOG = Logger.getLogger(Publication.class);
    private static final Duration VIEW_PATIENCE = Duration.ofSeconds(10);

    private final Attempt attempt;
    private final TrainingServices services;
    private final Job job;
    private final TrainingRun run;
    private final Workspace workspace;
    private @Nullable StepMetrics metrics;

    /// @param exported whether everything else that was asked for is in the store, too
    private record Published(AdapterManifest manifest, boolean exported) {}

    /// @param latest what the last step measured
    Publication(Attempt attempt, TrainingRun run, Workspace workspace, @Nullable StepMetrics latest) {
        this.attempt = attempt;
        this.services = attempt.services();
        this.job = attempt.job();
        this.run = run;
        this.workspace = workspace;
        this.metrics = latest;
    }

    /// Publishes the adapter, with which the job has succeeded.
    RunOutcome succeed() {
        long tokens = metrics == null ? 0 : metrics.trainedTokens();
        Optional<EvaluationStanding.Measured> lowest = goBackToLowest();
        Published published = publish(List.of());
        attempt.send(new DomainEvent.AdapterPublished(
                published.manifest(),
                ArtifactLayout.adapterManifest(job.adapter()).value()));
        attempt.sendWaitingEvents();
        attempt.decide("finishing the job", () -> {
            services.journalReader().awaitNow(VIEW_PATIENCE);
            return attempt.current()
                    .succeeded(
                            attempt.number(),
                            tokens,
                            lowest.orElse(null),
                            results(published.manifest()),
                            published.exported(),
                            Instant.now());
        });
        services.metrics().attempt("succeeded");
        LOG.infof("job succeeded jobId=%s attempt=%d model=%s", job.id(), attempt.number(), job.modelName());
        return RunOutcome.DONE;
    }

    /// Makes what an attempt before, which published the adapter, could not write. The job stays as it ended: no event
    /// tells of its end, or of the adapter, a second time.
    RunOutcome completeExports() {
        AdapterManifest before = attempt.patiently(
                        "looking for the adapter", () -> services.publisher().published(job.adapter()))
                .filter(_ -> run.finished())
                .orElseThrow(() -> ProductException.of(
                        ErrorCode.MODEL_NOT_FOUND,
                        "The model " + job.modelName() + " or its last checkpoint is deleted, so nothing can be made of"
                                + " it any more."));
        goBackToLowest();
        Published published = publish(before.merged());
        attempt.sendWaitingEvents();
        attempt.decide("finishing the exports", () -> {
            services.journalReader().awaitNow(VIEW_PATIENCE);
            return attempt.current().exported(attempt.number(), results(published.manifest()), published.exported());
        });
        services.metrics().attempt("exported");
        LOG.infof("exports written jobId=%s attempt=%d all=%b", job.id(), attempt.number(), published.exported());
        return RunOutcome.DONE;
    }

    private Optional<EvaluationStanding.Measured> goBackToLowest() {
        boolean wanted = job.spec().plan().extras().evaluation().loadBest();
        Optional<EvaluationStanding.Measured> lowest =
                run.standing().filter(_ -> wanted).map(EvaluationStanding::lowestMeasured);
        lowest.ifPresent(best -> goBackTo(best.step()));
        return lowest;
    }

    private void goBackTo(int step) {
        if (step == run.completedSteps()) {
            return;
        }
        Path directory = attempt.patiently("making room on the disk", () -> workspace.fresh("best"));
        AdapterManifest best = attempt.patiently(
                        "fetching the best checkpoint",
                        () -> services.checkpoints().restore(job.adapter(), job.spec(), step, directory))
                .orElseThrow(() -> ProductException.of(
                        ErrorCode.INTERNAL_ERROR,
                        "The checkpoint after step " + step
                                + ", whose validation loss was the lowest, is damaged in the"
                                + " store or gone. The job's other checkpoints can still be called by their names."));
        run.goBackTo(directory);
        metrics = best.metrics();
        LOG.infof("went back to the best checkpoint jobId=%s attempt=%d step=%d", job.id(), attempt.number(), step);
    }

    /// @param merged the merged weights that an attempt before has uploaded
    private Published publish(List<ArtifactFile> merged) {
        Path directory = attempt.patiently("writing the adapter", () -> {
            Path fresh = workspace.fresh("adapter");
            run.saveAdapter(fresh);
            return fresh;
        });
        List<ArtifactFile> files = attempt.patiently(
                "uploading the adapter", () -> services.upload().asBlobs(job.adapter(), directory));
        Exports.Written exports = new Exports(attempt).write(run, directory, workspace, merged);
        AdapterManifest published = attempt.patiently(
                "publishing the adapter",
                () -> services.publisher()
                        .publish(attempt.manifest(job.modelName(), run.completedSteps(), metrics, files, exports)));
        return new Published(published, exports.complete());
    }

    private List<FileId> results(AdapterManifest published) {
        Instant now = Instant.now();
        List<FileId> files = new ArrayList<>();
        files.add(services.results()
                .write(
                        job.id(),
                        job.spec().owner(),
                        services.history().metrics(job.id()).sequencedValues(),
                        now));
        files.addAll(services.resultFiles().list(published.merged(), job.spec().owner(), now));
        files.addAll(services.resultFiles().list(published.gguf(), job.spec().owner(), now));
        return files;
    }
}
