package io.lorica.trainer.execution;

/// Ends this process at once, for a thread that computes cannot be stopped inside it. What lasts is in store and
/// broker;
/// whoever watches over the process starts it again.
@FunctionalInterface
public interface ProcessEnd {

    /// The exit status that says so: an internal error in the sense of `sysexits.h`.
    int STATUS = 70;

    /// Ends the process.
    ///
    /// @param reason why, for the log
    void now(String reason);
}
