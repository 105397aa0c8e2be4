package io.lorica.trainer.execution;

import java.nio.file.Path;
import java.util.Optional;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.train.RunStart;
import io.lorica.llm.train.TrainingRun;
import org.jspecify.annotations.Nullable;

/// What an attempt begins with: the job's own newest checkpoint, else the adapter that the job trains on, else a new
/// adapter.
///
/// @param start what the engine begins with
/// @param own the job's own checkpoint, empty before the first
/// @param continued the checkpoint of another job whose run goes on, empty for none
record StartingPoint(RunStart start, Optional<AdapterManifest> own, Optional<AdapterManifest> continued) {

    /// Finds it, and brings its files into a directory.
    static StartingPoint find(Attempt attempt, Path directory) {
        Optional<AdapterManifest> own = attempt.patiently(
                "looking for a checkpoint",
                () -> attempt.services()
                        .checkpoints()
                        .restoreNewest(attempt.job().adapter(), directory));
        ParentAdapter parent = attempt.job().spec().parent();
        if (own.isPresent() || parent == null) {
            return new StartingPoint(RunStart.of(own.map(_ -> directory)), own, Optional.empty());
        }
        if (parent.adapter() == null) {
            return attempt.patiently("copying the adapter to train on", () -> {
                ForeignParent.copy(attempt.services().models(), parent, directory);
                return new StartingPoint(new RunStart.TrainedAdapter(directory), own, Optional.empty());
            });
        }
        AdapterManifest fetched = fetch(attempt, parent, directory);
        return parent.continued()
                ? new StartingPoint(new RunStart.SavedRun(directory), own, Optional.of(fetched))
                : new StartingPoint(new RunStart.TrainedAdapter(directory), own, Optional.empty());
    }

    private static AdapterManifest fetch(Attempt attempt, ParentAdapter parent, Path directory) {
        return attempt.patiently(
                        "fetching the adapter to train on",
                        () -> attempt.services().checkpoints().restoreParent(parent, directory))
                .filter(manifest -> manifest.files().stream()
                        .filter(file -> file.name().equals(AdapterFiles.WEIGHTS))
                        .map(ArtifactFile::sha256)
                        .anyMatch(parent.digest()::equals))
                .orElseThrow(() -> ProductException.forParameter(
                        ErrorCode.MODEL_NOT_FOUND,
                        "model",
                        "The model " + parent.name() + ", on which this job trains, was deleted after the job was"
                                + " submitted, or is damaged in the store. Submit the job with another model."));
    }

    /// The optimizer step that the attempt goes on from, 0 for none.
    int step() {
        return own.or(() -> continued).map(AdapterManifest::step).orElse(0);
    }

    /// What the last step before the attempt measured.
    @Nullable
    StepMetrics metrics() {
        return own.or(() -> continued).map(AdapterManifest::metrics).orElse(null);
    }

    /// Refuses to go on with a run that has nothing left to do.
    void requireStepsLeft(TrainingRun run) {
        if (continued.isPresent() && run.completedSteps() >= run.totalSteps()) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST,
                    "method.supervised.hyperparameters.max_steps",
                    "The run that goes on has done " + run.completedSteps() + " steps already, and this job plans "
                            + run.totalSteps() + " in all. Give a higher max_steps or n_epochs.");
        }
    }
}
