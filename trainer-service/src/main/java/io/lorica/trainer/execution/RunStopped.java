package io.lorica.trainer.execution;

/// The work of a run that was asked to stop, ended where it stood.
final class RunStopped extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final RunSignals.StopReason reason;

    RunStopped(RunSignals.StopReason reason) {
        super("the run must stop: " + reason);
        this.reason = reason;
    }

    RunSignals.StopReason reason() {
        return reason;
    }
}
