package io.lorica.llm.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.job.JobSpec;

/// Trains adapters on one device. One run at a time in a process: the engine's tensors belong to the thread that opened
/// the run.
public interface TrainingEngine {

    /// Loads the base model and prepares a run, telling nobody how far it is.
    default TrainingRun open(
            Path modelDirectory,
            JobSpec spec,
            List<TrainingExample> training,
            List<TrainingExample> validation,
            Optional<Path> checkpoint) {
        return open(modelDirectory, spec, training, validation, RunStart.of(checkpoint), PreparationProgress.SILENT);
    }

    /// Loads the base model and prepares a run.
    ///
    /// @param modelDirectory the base model in Hugging Face layout
    /// @param spec what to train
    /// @param training the rows to learn from
    /// @param validation the rows to measure on, empty for none
    /// @param start a new adapter, the weights of one that exists, or a checkpoint to go on from
    /// @param progress hears how many rows are tokens
    /// @throws io.lorica.contracts.error.ProductException when the model, the rows or the checkpoint cannot be used
    TrainingRun open(
            Path modelDirectory,
            JobSpec spec,
            List<TrainingExample> training,
            List<TrainingExample> validation,
            RunStart start,
            PreparationProgress progress);

    /// The device and the libraries in words, such as `cpu, libtorch 2.7.1, float32`.
    String device();
}
