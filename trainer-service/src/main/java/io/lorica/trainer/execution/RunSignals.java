package io.lorica.trainer.execution;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// Why a run must stop at the next step boundary. Set by other threads, read by the training thread.
public final class RunSignals {

    /// The reasons to stop, the strongest last.
    public enum StopReason {
        /// The process is told to end; another trainer goes on.
        SHUTDOWN,
        /// The job no longer belongs to this trainer; another one goes on.
        LEASE_LOST,
        /// The user stopped the job.
        CANCELLED
    }

    private final AtomicReference<Optional<StopReason>> reason = new AtomicReference<>(Optional.empty());

    /// Asks the run to stop. A stronger reason replaces a weaker one.
    public void stop(StopReason asked) {
        reason.updateAndGet(
                known -> known.filter(given -> given.compareTo(asked) >= 0).or(() -> Optional.of(asked)));
    }

    /// Why the run must stop, empty while it may go on.
    public Optional<StopReason> stopReason() {
        return reason.get();
    }
}
