package io.lorica.llm.train;

import java.util.List;
import java.util.function.IntFunction;

import io.lorica.llm.tensor.TensorScope;
import org.jspecify.annotations.Nullable;

/// The batches of one step after the other, of which the next ones may be put together before they are asked for.
/// Belongs to one thread.
final class BatchesAhead {

    private final TensorScope scope;
    private final IntFunction<List<Window>> windows;
    private final int batchSize;
    private final int steps;
    private @Nullable StepBatches prepared;

    /// @param scope what is prepared, and never asked for, is closed with it
    /// @param windows what a step learns from, by its number from 1
    /// @param batchSize how many windows pass at once
    /// @param steps how many steps there are
    BatchesAhead(TensorScope scope, IntFunction<List<Window>> windows, int batchSize, int steps) {
        this.scope = scope;
        this.windows = windows;
        this.batchSize = batchSize;
        this.steps = steps;
    }

    /// The batches of a step, which the caller closes.
    StepBatches of(int step) {
        StepBatches ready = prepared;
        prepared = null;
        if (ready != null && ready.step() == step) {
            return ready;
        }
        if (ready != null) {
            ready.close();
        }
        return new StepBatches(scope, step, windows.apply(step), batchSize);
    }

    /// Puts the batches of a step together, unless the last step is behind.
    void prepare(int step) {
        if (step <= steps) {
            prepared = of(step);
        }
    }
}
