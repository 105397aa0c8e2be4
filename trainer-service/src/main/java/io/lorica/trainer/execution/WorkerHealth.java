package io.lorica.trainer.execution;

import java.util.concurrent.atomic.AtomicReference;

import jakarta.inject.Singleton;

/// How the worker of this process fares. Safe for many threads.
@Singleton
public final class WorkerHealth {

    /// @param state what the worker is at
    /// @param sentence why it is stuck, empty where it is not
    private record Standing(WorkerState state, String sentence) {}

    private final AtomicReference<Standing> standing = new AtomicReference<>(new Standing(WorkerState.IDLE, ""));

    /// The worker is at something.
    public void at(WorkerState state) {
        standing.set(new Standing(state, ""));
    }

    /// The worker's thread does not let go of a job.
    ///
    /// @param sentence why, for operators
    public void stuck(String sentence) {
        standing.set(new Standing(WorkerState.STUCK, sentence));
    }

    /// What the worker is at.
    public WorkerState state() {
        return standing.get().state();
    }

    /// Why it is stuck, empty where it is not.
    public String sentence() {
        return standing.get().sentence();
    }
}
