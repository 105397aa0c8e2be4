package io.lorica.trainer.execution;

/// What becomes of a job's place in the queue after an attempt.
public enum RunOutcome {
    /// The job has ended, one way or another; it leaves the queue.
    DONE,
    /// A newer attempt has the job, by a place in the queue of its own; this one's is given up.
    TAKEN_OVER,
    /// Another trainer, or this one after a restart, is to go on with it.
    HAND_BACK,
    /// The same, but this machine is at fault: this trainer takes no job for a while.
    HAND_BACK_LATER,
    /// The same, but the process can compute no more: it must start again.
    DEVICE_LOST
}
