package io.lorica.inference.engine;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import io.lorica.contracts.id.BaseModelId;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.LoadedAdapter;
import org.jboss.logging.Logger;

/// The models and adapters in memory. What was used longest ago makes room; what an answer in progress
/// uses stays. Confined to the engine's thread.
final class ModelMemory implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(ModelMemory.class);

    private final ModelLoader loader;
    private final int modelLimit;
    private final long adapterBytes;
    private final int mergeAfter;
    private final String quantization;
    private final Map<BaseModelId, Residence> residences = new LinkedHashMap<>(16, 0.75f, true);

    ModelMemory(ModelLoader loader, InferenceConfig config) {
        this.loader = loader;
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

        Residence(LanguageModel model, int mergeAfter) {
            this.model = model;
            this.hot = new HotAdapter(model, mergeAfter);
        }

        LanguageModel model() {
            return model;
        }

        private boolean usedOnlyWith(String digest) {
            return users == adapterUsers.getOrDefault(digest, 0);
        }
    }

    /// The model, loaded where it is not in memory yet.
    Residence model(BaseModelId base, Path directory) {
        Residence known = residences.get(base);
        if (known != null) {
            return known;
        }
        makeRoomForModel();
        LanguageModel model = loader.load(directory);
        LOG.infof("base model loaded model=%s device=%s quantization=%s", base, model.device(), quantization);
        Residence loaded = new Residence(model, mergeAfter);
        residences.put(base, loaded);
        return loaded;
    }

    /// The adapter for the next answer, loaded where it is not in memory yet, and merged where it has
    /// been asked for often enough. It is known by the digest of its weights, so that a name that is
    /// published anew can never be answered with old weights. Without an adapter, the weights are the
    /// base's own from here on.
    Optional<LoadedAdapter> adapter(Residence residence, Optional<AdapterState.Ready> adapter) {
        // Before anything is loaded: an adapter that makes room must not lie in the weights.
        residence.hot.next(adapter.map(AdapterState.Ready::digest));
        return adapter.map(ready -> {
            LoadedAdapter loaded = loaded(residence, ready);
            if (residence.usedOnlyWith(ready.digest()) && residence.hot.merge(loaded)) {
                LOG.infof("adapter merged model=%s", ready.manifest().name());
            }
            return loaded;
        });
    }

    private LoadedAdapter loaded(Residence residence, AdapterState.Ready ready) {
        LoadedAdapter known = residence.adapters.get(ready.digest());
        if (known != null) {
            return known;
        }
        LoadedAdapter loaded = residence.model.loadAdapter(ready.directory());
        residence.adapters.put(ready.digest(), loaded);
        makeRoomForAdapters(residence, ready.digest());
        LOG.infof("adapter loaded model=%s bytes=%d", ready.manifest().name(), loaded.bytes());
        return loaded;
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

    /// Whether a model that is not in memory could be loaded now.
    boolean hasRoomFor(BaseModelId base) {
        return residences.containsKey(base)
                || residences.size() < modelLimit
                || residences.values().stream().anyMatch(residence -> residence.users == 0);
    }

    /// The base models in memory.
    Set<BaseModelId> loaded() {
        return residences.keySet().stream().collect(Collectors.toUnmodifiableSet());
    }

    private void makeRoomForModel() {
        Iterator<Map.Entry<BaseModelId, Residence>> oldestFirst =
                residences.entrySet().iterator();
        while (residences.size() >= modelLimit && oldestFirst.hasNext()) {
            Map.Entry<BaseModelId, Residence> candidate = oldestFirst.next();
            if (candidate.getValue().users == 0) {
                LOG.infof("base model makes room model=%s", candidate.getKey());
                oldestFirst.remove();
                close(candidate.getValue());
            }
        }
    }

    private void makeRoomForAdapters(Residence residence, String newest) {
        long bytes = residence.adapters.values().stream()
                .mapToLong(LoadedAdapter::bytes)
                .sum();
        Iterator<Map.Entry<String, LoadedAdapter>> oldestFirst =
                residence.adapters.entrySet().iterator();
        while (bytes > adapterBytes && oldestFirst.hasNext()) {
            Map.Entry<String, LoadedAdapter> candidate = oldestFirst.next();
            if (!candidate.getKey().equals(newest) && !residence.adapterUsers.containsKey(candidate.getKey())) {
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
