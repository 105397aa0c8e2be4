package io.lorica.llm.train;

import java.nio.file.Path;
import java.util.Optional;

/// The state that a run begins in.
public sealed interface RunStart {

    /// A new adapter.
    RunStart NEW = new NewAdapter();

    /// A new adapter, as the specification initialises it.
    record NewAdapter() implements RunStart {}

    /// The weights of an adapter that exists; optimizer, schedule and order of rows begin anew.
    ///
    /// @param directory its files in PEFT layout
    record TrainedAdapter(Path directory) implements RunStart {}

    /// A checkpoint: everything goes on where it stopped.
    ///
    /// @param directory written by [TrainingRun#saveCheckpoint]
    record SavedRun(Path directory) implements RunStart {}

    /// The start from a checkpoint, where there is one.
    static RunStart of(Optional<Path> checkpoint) {
        return checkpoint.<RunStart>map(SavedRun::new).orElse(NEW);
    }
}
