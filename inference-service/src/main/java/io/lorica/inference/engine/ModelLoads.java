package io.lorica.inference.engine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

import io.lorica.contracts.id.BaseModelId;
import io.lorica.llm.generate.LanguageModel;
import org.jspecify.annotations.Nullable;

/// Base models on their way into memory: fetched, then loaded one after another, while the engine goes on. Confined to
/// the engine's thread, which hears of what other threads have done through its mailbox.
final class ModelLoads {

    /// What becomes of a load.
    interface Listener {
        void loaded(BaseModelId base, LanguageModel model);

        void failed(BaseModelId base, Throwable failure);
    }

    private final ModelLoader loader;
    private final Workers workers;
    private final Consumer<Runnable> mailbox;
    private final Listener listener;
    private final Duration patience;
    private final Map<BaseModelId, Load> loads = new LinkedHashMap<>();

    /// @param patience how long a model waits for memory before it goes before the questions for those that are there
    ModelLoads(ModelLoader loader, Workers workers, Consumer<Runnable> mailbox, Listener listener, Duration patience) {
        this.loader = loader;
        this.workers = workers;
        this.mailbox = mailbox;
        this.listener = listener;
        this.patience = patience;
    }

    /// One model on its way.
    private static final class Load {
        private @Nullable Path directory;
        private boolean fits;
        private boolean loading;
        private Optional<Long> waitingSince = Optional.empty();
    }

    /// Sees to it that a model is on its way.
    void want(BaseModelId base, Supplier<Path> directory) {
        if (loads.containsKey(base)) {
            return;
        }
        Load load = new Load();
        loads.put(base, load);
        workers.fetch(() -> attempt(base, () -> {
            Path fetched = directory.get();
            boolean fits = loader.fits(fetched);
            mailbox.accept(() -> {
                load.directory = fetched;
                load.fits = fits;
            });
        }));
    }

    /// Begins to load the next model if there is room, or can be made: those in memory that nobody uses or waits for
    /// go first. One that fits beside them is loaded before another one goes.
    ///
    /// @param wanted models in memory that questions wait for
    void proceed(ModelMemory memory, Set<BaseModelId> wanted) {
        boolean busy = loads.values().stream().anyMatch(load -> load.loading);
        if (busy) {
            return;
        }
        for (Map.Entry<BaseModelId, Load> entry : loads.entrySet()) {
            Load load = entry.getValue();
            Path directory = load.directory;
            if (directory != null) {
                if (hasRoom(load, memory, starved(load) ? Set.of() : wanted)) {
                    begin(entry.getKey(), load, directory);
                } else if (load.waitingSince.isEmpty()) {
                    load.waitingSince = Optional.of(System.nanoTime());
                }
                return;
            }
        }
    }

    /// Tells whether a model has waited so long for memory that no further questions for the others are to begin.
    boolean starved() {
        return loads.values().stream().anyMatch(this::starved);
    }

    private boolean starved(Load load) {
        return load.waitingSince
                .filter(since -> System.nanoTime() - since > patience.toNanos())
                .isPresent();
    }

    private static boolean hasRoom(Load load, ModelMemory memory, Set<BaseModelId> wanted) {
        return memory.belowLimit()
                || (load.fits && memory.withinLimit())
                || (memory.makeRoom(wanted) && memory.belowLimit());
    }

    private void begin(BaseModelId base, Load load, Path directory) {
        load.loading = true;
        load.waitingSince = Optional.empty();
        workers.load(() -> attempt(base, () -> {
            LanguageModel model = loader.load(directory);
            mailbox.accept(() -> {
                loads.remove(base);
                listener.loaded(base, model);
            });
        }));
    }

    private void attempt(BaseModelId base, Runnable work) {
        try {
            work.run();
        } catch (Throwable e) {
            mailbox.accept(() -> {
                loads.remove(base);
                listener.failed(base, e);
            });
        }
    }
}
