package io.lorica.inference.engine;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import io.lorica.contracts.id.BaseModelId;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.LoadedAdapter;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The models and adapters in memory. What was used longest ago makes room; what an answer in progress or a task on
/// another thread uses stays. Confined to the engine's thread.
final class ModelMemory implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ModelMemory.class);

    private final int modelLimit;
    private final long adapterBytes;
    private final int mergeAfter;
    private final String quantization;
    private final Map<BaseModelId, Residence> residences = new LinkedHashMap<>(16, 0.75f, true);

    ModelMemory(InferenceConfig config) {
        this.modelLimit = config.baseModelsInMemory();
        this.adapterBytes = config.adapterBytesInMemory().asLongValue();
        this.mergeAfter = config.mergeAfter();
        this.quantization = config.quantization().wireName();
    }

    /// A base model in memory with the adapters that are loaded beside it.
    static final class Residence {
        private final LanguageModel model;
        private final Map<String, LoadedAdapter> adapters = new LinkedHashMap<>(16, 0.75f, true);
        private final Map<String, Integer> adapterUsers = new HashMap<>();
        private final HotAdapter hot;
        private int users;
        private int tasks;

        Residence(LanguageModel model, int mergeAfter) {
            this.model = model;
            this.hot = new HotAdapter(model, mergeAfter);
        }

        LanguageModel model() {
            return model;
        }

        /// Tells whether the adapter of a question is in memory; true where it has none.
        boolean has(Optional<AdapterState.Ready> adapter) {
            return adapter.isEmpty() || adapters.containsKey(adapter.get().digest());
        }

        /// A task on another thread begins to use the model.
        void beginTask() {
            tasks++;
        }

        /// The task no longer uses it.
        void endTask() {
            tasks--;
        }

        private boolean idle() {
            return users == 0 && tasks == 0;
        }

        private boolean usedOnlyWith(String digest) {
            return users == adapterUsers.getOrDefault(digest, 0);
        }
    }

    /// A model that is in memory; it counts as used.
    @Nullable
    Residence resident(BaseModelId base) {
        return residences.get(base);
    }

    /// Takes a model in that was loaded.
    Residence add(BaseModelId base, LanguageModel model) {
        LOG.infof(
                "base model loaded model=%s device=%s quantization=%s bytes=%d",
                base, model.device(), quantization, model.bytes());
        Residence loaded = new Residence(model, mergeAfter);
        residences.put(base, loaded);
        return loaded;
    }

    /// Takes an adapter in that was loaded. It is known by the digest of its weights, so that a name that is
    /// published anew can never be answered with old weights.
    void add(Residence residence, AdapterState.Ready ready, LoadedAdapter loaded) {
        residence.adapters.put(ready.digest(), loaded);
        makeRoomForAdapters(residence, ready.digest());
        LOG.infof("adapter loaded model=%s bytes=%d", ready.manifest().name(), loaded.bytes());
    }

    /// The adapter for the next answer, which is in memory, merged where it has been asked for often enough. Without
    /// an adapter, the weights are the base's own from here on.
    Optional<LoadedAdapter> adapter(Residence residence, Optional<AdapterState.Ready> adapter) {
        residence.hot.next(adapter.map(AdapterState.Ready::digest));
        return adapter.map(ready -> {
            LoadedAdapter loaded =
                    Objects.requireNonNull(residence.adapters.get(ready.digest()), "the adapter is not loaded");
            if (residence.usedOnlyWith(ready.digest()) && residence.hot.merge(loaded)) {
                LOG.infof("adapter merged model=%s", ready.manifest().name());
            }
            return loaded;
        });
    }

    /// An answer begins to use them.
    void hold(Residence residence, Optional<AdapterState.Ready> adapter) {
        residence.users++;
        adapter.ifPresent(ready -> residence.adapterUsers.merge(ready.digest(), 1, Integer::sum));
    }

    /// An answer no longer uses them.
    void release(Residence residence, Optional<AdapterState.Ready> adapter) {
        residence.users--;
        adapter.ifPresent(ready ->
                residence.adapterUsers.computeIfPresent(ready.digest(), (_, count) -> count == 1 ? null : count - 1));
    }

    /// Tells whether one more model may be in memory.
    boolean belowLimit() {
        return residences.size() < modelLimit;
    }

    /// Tells whether no more models are in memory than may be; one more may be while it takes another one's place.
    boolean withinLimit() {
        return residences.size() <= modelLimit;
    }

    /// Frees the model that was used longest ago, of those that nobody uses.
    ///
    /// @param wanted models that stay, because questions wait for them
    /// @return whether one was freed
    boolean makeRoom(Set<BaseModelId> wanted) {
        return free(residences.keySet(), wanted);
    }

    /// Frees models that nobody uses until no more are in memory than may be. The one used last stays: it has come for
    /// another one, which goes once it is free.
    void trim(Set<BaseModelId> wanted) {
        boolean freed = true;
        while (freed && !withinLimit()) {
            List<BaseModelId> older = List.copyOf(residences.keySet()).subList(0, residences.size() - 1);
            freed = free(older, wanted);
        }
    }

    private boolean free(Collection<BaseModelId> candidates, Set<BaseModelId> wanted) {
        Optional<BaseModelId> oldest = candidates.stream()
                .filter(base -> !wanted.contains(base))
                .filter(this::idle)
                .findFirst();
        oldest.ifPresent(base -> {
            LOG.infof("base model makes room model=%s", base);
            Residence freed = residences.remove(base);
            if (freed != null) {
                close(freed);
            }
        });
        return oldest.isPresent();
    }

    private boolean idle(BaseModelId base) {
        return residences.entrySet().stream()
                .anyMatch(
                        entry -> entry.getKey().equals(base) && entry.getValue().idle());
    }

    /// The base models in memory.
    Set<BaseModelId> loaded() {
        return residences.keySet().stream().collect(Collectors.toUnmodifiableSet());
    }

    private void makeRoomForAdapters(Residence residence, String newest) {
        long bytes = residence.adapters.values().stream()
                .mapToLong(LoadedAdapter::bytes)
                .sum();
        var oldestFirst = residence.adapters.entrySet().iterator();
        while (bytes > adapterBytes && oldestFirst.hasNext()) {
            Map.Entry<String, LoadedAdapter> candidate = oldestFirst.next();
            String digest = candidate.getKey();
            boolean used = residence.adapterUsers.containsKey(digest) || residence.hot.merged(digest);
            if (!digest.equals(newest) && !used) {
                bytes -= candidate.getValue().bytes();
                oldestFirst.remove();
                candidate.getValue().close();
            }
        }
    }

    private static void close(Residence residence) {
        residence.adapters.values().forEach(LoadedAdapter::close);
        residence.model.close();
    }

    @Override
    public void close() {
        residences.values().forEach(ModelMemory::close);
        residences.clear();
    }
}
