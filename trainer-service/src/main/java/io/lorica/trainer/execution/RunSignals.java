package io.lorica.trainer.execution;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/// What a run and those who watch over it tell each other: why it must stop, and how it gets on. Safe for many
/// threads.
public final class RunSignals {

    /// The reasons to stop, the strongest last.
    public enum StopReason {
        /// The process is told to end; another trainer goes on.
        SHUTDOWN,
        /// The job no longer belongs to this trainer; another one goes on.
        LEASE_LOST,
        /// The user stopped the job.
        CANCELLED,
        /// The run did not get on, or did not stop, and was given up; it must leave the job alone.
        GIVEN_UP
    }

    private record Stop(StopReason reason, long at) {}

    private final AtomicReference<Optional<Stop>> stop = new AtomicReference<>(Optional.empty());
    private final Activity activity = new Activity();

    /// Asks the run to stop. A stronger reason replaces a weaker one.
    public void stop(StopReason asked) {
        stop.updateAndGet(known -> known.filter(given -> given.reason().compareTo(asked) >= 0)
                .or(() -> Optional.of(new Stop(asked, System.nanoTime()))));
    }

    /// Why the run must stop, empty while it may go on.
    public Optional<StopReason> stopReason() {
        return stop.get().map(Stop::reason);
    }

    /// When the run was asked to stop, in the time of `System.nanoTime`.
    Optional<Long> stoppedAt() {
        return stop.get().map(Stop::at);
    }

    /// Ends the work at hand where the run must stop.
    void check() {
        stopReason().ifPresent(reason -> {
            throw new RunStopped(reason);
        });
    }

    /// How the run gets on.
    public Activity activity() {
        return activity;
    }
}
