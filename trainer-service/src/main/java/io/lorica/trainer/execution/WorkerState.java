package io.lorica.trainer.execution;

/// What a trainer's worker is at.
public enum WorkerState {
    /// It has no job.
    IDLE,
    /// It fetches and reads what a job needs, or publishes what it made.
    WORKING,
    /// It takes steps.
    TRAINING,
    /// Its thread does not let go of a job; the process ends itself unless it does.
    STUCK
}
