package io.lorica.llm.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.job.JobSpec;
import io.lorica.llm.train.LoraTrainingEngine;
import io.lorica.llm.train.TrainingRun;

/// A run that was stopped halfway and resumed, beside the same run without a stop.
///
/// @param straight the last checkpoint of the run without a stop
/// @param resumed that of the other
/// @param resumedAt how many steps were done when it was resumed
/// @param losses of the steps of the run without a stop
public record ResumedRun(Path straight, Path resumed, int resumedAt, List<Double> losses) {

    private static final List<String> FILES =
            List.of("adapter_model.safetensors", "optimizer.safetensors", "trainer_state.json");

    /// Makes both runs.
    ///
    /// @param directory where the checkpoints go
    /// @param half steps before the stop, and after it
    public static ResumedRun of(Path directory, Path model, JobSpec spec, List<TrainingExample> rows, int half) {
        Path middle = directory.resolve("middle");
        Path straight = directory.resolve("straight");
        List<Double> losses;
        try (TrainingRun run = open(model, spec, rows, Optional.empty())) {
            losses = new ArrayList<>(steps(run, half));
            run.saveCheckpoint(middle);
            losses.addAll(steps(run, half));
            run.saveCheckpoint(straight);
        }
        Path resumed = directory.resolve("resumed");
        try (TrainingRun run = open(model, spec, rows, Optional.of(middle))) {
            int resumedAt = run.completedSteps();
            steps(run, half);
            run.saveCheckpoint(resumed);
            return new ResumedRun(straight, resumed, resumedAt, losses);
        }
    }

    /// The files of a checkpoint in which both differ.
    public List<String> differences() throws IOException {
        List<String> different = new ArrayList<>();
        for (String file : FILES) {
            if (Files.mismatch(straight.resolve(file), resumed.resolve(file)) != -1) {
                different.add(file);
            }
        }
        return different;
    }

    private static TrainingRun open(Path model, JobSpec spec, List<TrainingExample> rows, Optional<Path> checkpoint) {
        return new LoraTrainingEngine().open(model, spec, rows, List.of(), checkpoint);
    }

    private static List<Double> steps(TrainingRun run, int count) {
        List<Double> losses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            losses.add(run.step().trainLoss());
        }
        return losses;
    }
}
