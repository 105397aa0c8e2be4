package io.lorica.llm.train;

/// A step or a measurement that was given up between two batches because the caller no longer wanted it. The run is
/// as after the step before.
public final class StepAbandoned extends RuntimeException {

    private static final long serialVersionUID = 1L;

    StepAbandoned() {
        super("given up between two batches");
    }
}
