package io.lorica.trainer.execution;

import java.time.Duration;
import java.util.function.LongSupplier;

/// What a run is doing and when it last got on: with a micro-batch, a row, a byte or a wait that its job's events tell
/// of. Told by whichever thread works for the run, read by the one that watches over it. Safe for many threads.
public final class Activity {

    private final LongSupplier nanoTime;
    private String doing = "claiming the job";
    private long advancedAt;
    private long longestSilence;
    private int attempt;
    private int step;
    private boolean training;

    Activity() {
        this(System::nanoTime);
    }

    /// @param nanoTime the time, as `System.nanoTime` has it
    Activity(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.advancedAt = nanoTime.getAsLong();
    }

    /// The run claimed an attempt.
    synchronized void claimed(int number) {
        attempt = number;
        advance();
    }

    /// The run begins another part of its work.
    synchronized void begin(String what) {
        doing = what;
        longestSilence = 0;
        training = false;
        advancedAt = nanoTime.getAsLong();
    }

    /// The run begins to take steps.
    synchronized void beginSteps() {
        begin("training");
        training = true;
    }

    /// The run got on with what it is doing.
    synchronized void advance() {
        long now = nanoTime.getAsLong();
        longestSilence = Math.max(longestSilence, now - advancedAt);
        advancedAt = now;
    }

    /// A step is done.
    synchronized void finished(int number) {
        step = number;
        advance();
    }

    /// What the run is doing, in words.
    public synchronized String doing() {
        return training ? doing + ", step " + (step + 1) : doing;
    }

    /// Tells whether it takes steps.
    public synchronized boolean training() {
        return training;
    }

    /// How long it has not got on.
    public synchronized Duration silent() {
        return Duration.ofNanos(nanoTime.getAsLong() - advancedAt);
    }

    /// How long it did not get on at most since it began what it is doing, before it did.
    synchronized Duration longestSilence() {
        return Duration.ofNanos(longestSilence);
    }

    /// The attempt that it claimed, 0 before that.
    public synchronized int attempt() {
        return attempt;
    }

    /// The last step that it finished, 0 before the first.
    synchronized int step() {
        return step;
    }
}
