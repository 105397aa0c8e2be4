package io.lorica.kit.event;

import java.time.Duration;
import java.util.function.LongSupplier;

import io.lorica.contracts.job.PreparationStage;
import org.jspecify.annotations.Nullable;

/// Tells of the progress of a job's preparation, at most once in a while; of a stage that is soon over, nothing. Safe
/// for many threads.
public final class PreparationEvents {

    /// Hears of progress.
    @FunctionalInterface
    public interface Listener {

        void progressed(PreparationStage stage, long done, long total);
    }

    private static final Duration EVERY = Duration.ofSeconds(5);

    private final Listener listener;
    private final LongSupplier nanoTime;
    private @Nullable PreparationStage stage;
    private long toldAt;
    private boolean told;

    /// @param nanoTime the time, as `System.nanoTime` has it
    public PreparationEvents(Listener listener, LongSupplier nanoTime) {
        this.listener = listener;
        this.nanoTime = nanoTime;
    }

    /// Takes progress, and tells of it where it is time; a stage that was told of is told of at its end, too.
    public synchronized void progressed(PreparationStage current, long done, long total) {
        long now = nanoTime.getAsLong();
        if (stage != current) {
            stage = current;
            toldAt = now;
            told = false;
        }
        boolean due = now - toldAt >= EVERY.toNanos();
        if (due || (told && done >= total)) {
            toldAt = now;
            told = done < total;
            listener.progressed(current, done, total);
        }
    }
}
