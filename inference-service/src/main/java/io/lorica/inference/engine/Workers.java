package io.lorica.inference.engine;

import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/// The threads that do what would hold up the engine's: fetching files, loading weights one after another,
/// rendering and tokenising prompts.
final class Workers {

    private static final int PROMPTS_AT_ONCE = 2;

    private final ExecutorService fetches = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("model-fetch").factory());
    private final ExecutorService loads = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("model-load").factory());
    private final ExecutorService prompts = Executors.newFixedThreadPool(
            PROMPTS_AT_ONCE, Thread.ofPlatform().daemon().name("prompt-", 0).factory());

    void fetch(Runnable task) {
        fetches.execute(task);
    }

    void load(Runnable task) {
        loads.execute(task);
    }

    void prepare(Runnable task) {
        prompts.execute(task);
    }

    /// Begins nothing more.
    ///
    /// @return whether all that had begun on models has ended in the time, so that they can be freed
    boolean end(Duration patience) throws InterruptedException {
        fetches.shutdownNow();
        loads.shutdownNow();
        prompts.shutdownNow();
        long end = System.nanoTime() + patience.toNanos();
        return loads.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS)
                && prompts.awaitTermination(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
}
