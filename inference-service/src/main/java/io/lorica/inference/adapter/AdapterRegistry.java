package io.lorica.inference.adapter;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.ModelName;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Which adapters and checkpoints there are, and how far each is on its way to being served. Safe for many threads.
///
/// Events come from two topics, in no order between them, so a deletion is remembered: it holds for checkpoints that
/// are heard of later, too.
@Singleton
public final class AdapterRegistry {

    private static final Logger LOG = Logger.getLogger(AdapterRegistry.class);

    private final AdapterFetcher fetcher;
    private final Map<AdapterKey, AdapterState> states = new ConcurrentHashMap<>();
    private final Map<AdapterId, String> parents = new ConcurrentHashMap<>();
    private final Set<AdapterId> retired = ConcurrentHashMap.newKeySet();
    private final Set<AdapterKey> retiredCheckpoints = ConcurrentHashMap.newKeySet();

    AdapterRegistry(AdapterFetcher fetcher) {
        this.fetcher = fetcher;
    }

    /// Takes the news of what an adapter is trained on.
    ///
    /// @param parent the model name of it
    public void descends(AdapterId adapter, String parent) {
        parents.put(adapter, parent);
    }

    /// The adapter that an adapter or a checkpoint was trained on; empty where that is the base model alone.
    public Optional<String> parent(AdapterState adapter) {
        return AdapterKey.of(adapter.name()).map(key -> parents.get(key.adapter()));
    }

    /// Takes the news that an adapter or a checkpoint exists.
    public void announce(AdapterState.Announced announced) {
        AdapterKey.of(announced.name()).ifPresent(key -> states.putIfAbsent(key, announced));
    }

    /// Takes the news that an adapter was deleted, and with it its checkpoints, or one checkpoint.
    public void retire(ModelName name) {
        switch (name) {
            case ModelName.Base _ -> {}
            case ModelName.FineTuned model -> {
                retired.add(model.adapter());
                states.keySet().removeIf(key -> key.adapter().equals(model.adapter()));
            }
            case ModelName.Checkpoint checkpoint ->
                AdapterKey.of(checkpoint).ifPresent(key -> {
                    retiredCheckpoints.add(key);
                    states.remove(key);
                });
        }
    }

    /// All adapters and checkpoints that can be asked, the newest first.
    public List<AdapterState> listed() {
        return states.entrySet().stream()
                .filter(entry -> !gone(entry.getKey()))
                .map(Map.Entry::getValue)
                .filter(state -> !(state instanceof AdapterState.Rejected))
                .sorted(Comparator.comparing(AdapterState::since)
                        .reversed()
                        .thenComparing(state -> state.name().toString()))
                .toList();
    }

    /// What is known of an adapter. Where no event has told of it, the store is asked.
    ///
    /// @throws ProductException with `MODEL_NOT_FOUND`, or with the reason why it cannot be served
    public AdapterState find(ModelName name) {
        AdapterKey key = key(name);
        AdapterState known = states.get(key);
        return known == null ? fromStore(name, key) : usable(known);
    }

    /// An adapter whose files are on this machine; they are fetched where they are not.
    ///
    /// @throws ProductException with `MODEL_NOT_FOUND`, or with the reason why it cannot be served
    public AdapterState.Ready resolve(ModelName name) {
        return switch (find(name)) {
            case AdapterState.Ready ready when ready.isOnDisk() -> ready;
            case AdapterState.Ready ready -> fetch(name, ready, ready.manifest());
            case AdapterState.Announced announced -> fetch(name, announced, manifest(name, announced));
            case AdapterState.Rejected rejected -> throw rejected.failure();
        };
    }

    /// The failure that tells that there is no such model.
    public static ProductException missing(String name) {
        return ProductException.forParameter(
                ErrorCode.MODEL_NOT_FOUND,
                "model",
                "There is no model '" + name + "'. GET /v1/models lists the models that can be asked for.");
    }

    private boolean gone(AdapterKey key) {
        return retired.contains(key.adapter()) || retiredCheckpoints.contains(key);
    }

    private AdapterKey key(ModelName name) {
        return AdapterKey.of(name).filter(key -> !gone(key)).orElseThrow(() -> missing(name.toString()));
    }

    private static AdapterState usable(AdapterState known) {
        if (known instanceof AdapterState.Rejected rejected) {
            throw rejected.failure();
        }
        return known;
    }

    // The labels in a name are for people and may be spelled in any way; listed is the name of the manifest.
    private AdapterState fromStore(ModelName name, AdapterKey key) {
        AdapterManifest manifest = readManifest(name, key);
        AdapterState.Announced found = new AdapterState.Announced(
                manifest.name(), manifest.spec().model(), key.manifest(), manifest.createdAt());
        if (manifest.spec().parent() != null) {
            descends(key.adapter(), manifest.spec().parent().name());
        }
        AdapterState earlier = states.putIfAbsent(key, found);
        return earlier == null ? found : earlier;
    }

    private AdapterManifest readManifest(ModelName name, AdapterKey key) {
        try {
            return fetcher.manifest(key.manifest());
        } catch (ProductException e) {
            throw inTermsOfTheRequest(name, e);
        }
    }

    private AdapterManifest manifest(ModelName name, AdapterState.Announced announced) {
        try {
            return fetcher.manifest(announced.manifest());
        } catch (ProductException e) {
            throw rejection(name, announced, e);
        }
    }

    private AdapterState.Ready fetch(ModelName name, AdapterState state, AdapterManifest manifest) {
        try {
            AdapterState.Ready ready = fetcher.fetch(manifest);
            states.put(key(name), ready);
            return ready;
        } catch (ProductException e) {
            throw rejection(name, state, e);
        }
    }

    // A damaged adapter stays damaged; whatever else failed may succeed with the next request.
    private ProductException rejection(ModelName name, AdapterState state, ProductException cause) {
        ProductException failure = inTermsOfTheRequest(name, cause);
        if (cause.code().kind() == ErrorKind.INTERNAL) {
            LOG.warnf("adapter rejected model=%s reason=%s", name, cause.detail());
            states.put(key(name), new AdapterState.Rejected(state.name(), state.base(), state.since(), failure));
        }
        return failure;
    }

    private static ProductException inTermsOfTheRequest(ModelName name, ProductException failure) {
        return switch (failure.code().kind()) {
            case NOT_FOUND -> missing(name.toString());
            case INTERNAL -> ProductException.forParameter(failure.code(), "model", failure.detail());
            case INVALID, UNAUTHENTICATED, CONFLICT, RATE_LIMITED, EXHAUSTED, UNAVAILABLE -> failure;
        };
    }
}
