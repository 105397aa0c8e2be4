package io.lorica.llm.train;

import java.util.List;

import io.lorica.llm.tensor.TensorScope;

/// The micro-batches of one step on their device. They are put together while it is still at the step before.
final class StepBatches implements AutoCloseable {

    private final TensorScope scope;
    private final int step;
    private final List<Window> windows;
    private final List<Batch> batches;

    /// @param step the step's number, from 1
    /// @param windows what it learns from
    /// @param batchSize how many windows pass at once
    StepBatches(TensorScope parent, int step, List<Window> windows, int batchSize) {
        this.scope = parent.child("batches");
        this.step = step;
        this.windows = windows;
        this.batches = Windows.parts(windows, batchSize).stream()
                .map(part -> Batch.of(scope, part))
                .toList();
    }

    /// The step that they are for.
    int step() {
        return step;
    }

    /// What belongs into one forward pass each.
    List<Batch> each() {
        return batches;
    }

    /// How many tokens they have.
    long tokens() {
        return windows.stream().mapToLong(Window::length).sum();
    }

    /// How many of them are learned.
    long learned() {
        return windows.stream().mapToLong(Window::learned).sum();
    }

    /// Where their rows are in the uploaded file.
    List<Integer> lines() {
        return windows.stream()
                .flatMap(window -> window.examples().stream())
                .map(TokenizedExample::line)
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public void close() {
        scope.close();
    }
}
