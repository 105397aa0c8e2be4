package io.lorica.inference.adapter;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Which adapters there are and how far each is on its way to being served. Safe for many threads.
@Singleton
public final class AdapterRegistry {

    private static final Logger LOG = Logger.getLogger(AdapterRegistry.class);

    private final AdapterFetcher fetcher;
    private final ObjectStore store;
    private final Map<String, AdapterState> states = new ConcurrentHashMap<>();

    AdapterRegistry(AdapterFetcher fetcher, ObjectStore store) {
        this.fetcher = fetcher;
        this.store = store;
    }

    /// Takes the news that an adapter or a checkpoint exists.
    public void announce(ModelName name, AdapterState.Announced announced) {
        states.putIfAbsent(name.toString(), announced);
    }

    /// Takes the news that an adapter was deleted, and with it its checkpoints.
    public void retire(ModelName.FineTuned name) {
        states.put(name.toString(), new AdapterState.Retired());
        String checkpoints = name + ":ckpt-step-";
        states.keySet().removeIf(known -> known.startsWith(checkpoints));
    }

    /// An adapter that can be served now. Where no event has told of it, the store is asked.
    ///
    /// @throws ProductException with `MODEL_NOT_FOUND`, or with the reason why it cannot be served
    public AdapterState.Ready resolve(ModelName name) {
        AdapterState state = states.get(name.toString());
        if (state == null || state instanceof AdapterState.Announced) {
            return fetch(name, state instanceof AdapterState.Announced announced ? announced : fromStore(name));
        }
        return switch (state) {
            case AdapterState.Ready ready -> ready;
            case AdapterState.Retired _ -> throw missing(name);
            case AdapterState.Rejected rejected ->
                throw ProductException.forParameter(ErrorCode.MODEL_NOT_FOUND, "model", rejected.reason());
            case AdapterState.Announced announced -> fetch(name, announced);
        };
    }

    /// All models that can be asked for, by name, the newest first.
    public List<Map.Entry<String, AdapterState>> listed() {
        return states.entrySet().stream()
                .filter(entry -> !(entry.getValue() instanceof AdapterState.Retired))
                .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparing(entry -> entry.getKey(), Comparator.reverseOrder()))
                .toList();
    }

    /// What is known of a model, where something is.
    public Optional<AdapterState> find(ModelName name) {
        return Optional.ofNullable(states.get(name.toString()));
    }

    private AdapterState.Ready fetch(ModelName name, AdapterState.Announced announced) {
        try {
            AdapterState.Ready ready = fetcher.fetch(announced);
            states.put(name.toString(), ready);
            return ready;
        } catch (ProductException e) {
            if (e.code().kind() == ErrorKind.INTERNAL) {
                LOG.errorf(e, "adapter rejected model=%s", name);
                states.put(name.toString(), announced.toRejected(e.detail()));
            }
            throw e.code() == ErrorCode.OBJECT_NOT_FOUND ? missing(name) : e;
        }
    }

    private AdapterState.Announced fromStore(ModelName name) {
        ObjectKey key = switch (name) {
            case ModelName.FineTuned model -> ArtifactLayout.adapterManifest(model.adapter());
            case ModelName.Checkpoint checkpoint ->
                ArtifactLayout.checkpointManifest(checkpoint.model().adapter(), checkpoint.step());
            case ModelName.Base _ -> throw missing(name);
        };
        return store.stat(key)
                .map(found -> new AdapterState.Announced(base(name), key.value(), found.lastModified()))
                .orElseThrow(() -> missing(name));
    }

    // Until the manifest is read, the label in the name is all that is known of the base.
    private static BaseModelId base(ModelName name) {
        return switch (name) {
            case ModelName.FineTuned model -> new BaseModelId(model.base());
            case ModelName.Checkpoint checkpoint -> base(checkpoint.model());
            case ModelName.Base model -> model.model();
        };
    }

    /// The failure that tells that there is no such model.
    public static ProductException missing(ModelName name) {
        return ProductException.forParameter(
                ErrorCode.MODEL_NOT_FOUND,
                "model",
                "There is no model '" + name + "'. GET /v1/models lists the models that can be asked for.");
    }
}
