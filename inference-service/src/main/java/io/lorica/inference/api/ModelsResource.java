package io.lorica.inference.api;

import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.inference.adapter.AdapterRegistry;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.inference.engine.EngineThread;
import io.lorica.kit.event.EventLog;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectStore;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import org.jspecify.annotations.Nullable;

/// The models that can be asked: base models, fine-tuned ones and their checkpoints.
@Path("/v1/models")
@RunOnVirtualThread
public class ModelsResource {

    private final AdapterRegistry registry;
    private final EngineThread engine;
    private final InferenceConfig config;
    private final ObjectStore store;
    private final EventLog events;
    private final long started = Clock.systemUTC().instant().getEpochSecond();

    ModelsResource(
            AdapterRegistry registry, EngineThread engine, InferenceConfig config, ObjectStore store, EventLog events) {
        this.registry = registry;
        this.engine = engine;
        this.config = config;
        this.store = store;
        this.events = events;
    }

    /// All models.
    @GET
    public Map<String, Object> list() {
        return Map.of("object", "list", "data", models());
    }

    /// One model.
    @GET
    @Path("{model:.+}")
    public ModelView get(@PathParam("model") String model) {
        return models().stream()
                .filter(view -> view.id().equals(model))
                .findFirst()
                .or(() -> fromStore(ModelName.parse(model)))
                .orElseThrow(() -> AdapterRegistry.missing(ModelName.parse(model)));
    }

    /// Deletes a fine-tuned model and its checkpoints: first their manifests, without which they do not exist.
    @DELETE
    @Path("{model:.+}")
    public Map<String, Object> delete(@PathParam("model") String model) {
        if (!(ModelName.parse(model) instanceof ModelName.FineTuned name)) {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_REQUEST, "model", "Only fine-tuned models, named ft:…, can be deleted.");
        }
        if (store.stat(ArtifactLayout.adapterManifest(name.adapter())).isEmpty()) {
            throw AdapterRegistry.missing(name);
        }
        store.delete(ArtifactLayout.adapterManifest(name.adapter()));
        store.list(ArtifactLayout.checkpoints(name.adapter())).forEach(found -> store.delete(found.key()));
        events.publish(new DomainEvent.AdapterRetired(name.adapter(), name));
        registry.retire(name);
        store.list(ArtifactLayout.adapter(name.adapter())).forEach(found -> store.delete(found.key()));
        return Map.of("id", model, "object", "model", "deleted", true);
    }

    private Optional<ModelView> fromStore(ModelName name) {
        if (name instanceof ModelName.Base) {
            return Optional.empty();
        }
        AdapterState.Ready ready = registry.resolve(name);
        return Optional.of(ModelView.of(
                name.toString(),
                ready.manifest().createdAt().getEpochSecond(),
                ready.manifest().spec().model().value(),
                parent(name, ready.manifest().spec().model())));
    }

    private List<ModelView> models() {
        Map<String, ModelView> bases = new LinkedHashMap<>();
        config.baseModel().ifPresent(base -> bases.put(base, ModelView.of(base, started, base, null)));
        engine.loadedModels().forEach(base -> base(bases, base));
        List<ModelView> tuned = new ArrayList<>();
        for (Map.Entry<String, AdapterState> entry : registry.listed()) {
            Optional<BaseModelId> base = base(entry.getValue());
            base.ifPresent(id -> {
                base(bases, id);
                tuned.add(tuned(entry.getKey(), entry.getValue(), id));
            });
        }
        List<ModelView> all = new ArrayList<>(bases.values());
        all.addAll(tuned);
        return all;
    }

    private void base(Map<String, ModelView> bases, BaseModelId id) {
        bases.computeIfAbsent(id.value(), name -> ModelView.of(name, started, name, null));
    }

    private static Optional<BaseModelId> base(AdapterState state) {
        return switch (state) {
            case AdapterState.Announced announced -> Optional.of(announced.base());
            case AdapterState.Ready ready -> Optional.of(ready.manifest().spec().model());
            case AdapterState.Rejected _, AdapterState.Retired _ -> Optional.empty();
        };
    }

    private static ModelView tuned(String name, AdapterState state, BaseModelId base) {
        long created = switch (state) {
            case AdapterState.Announced announced -> announced.since().getEpochSecond();
            case AdapterState.Ready ready -> ready.manifest().createdAt().getEpochSecond();
            case AdapterState.Rejected rejected -> rejected.since().getEpochSecond();
            case AdapterState.Retired _ -> 0;
        };
        return ModelView.of(name, created, base.value(), parent(ModelName.parse(name), base));
    }

    private static @Nullable String parent(ModelName name, BaseModelId base) {
        return switch (name) {
            case ModelName.Base _ -> null;
            case ModelName.FineTuned _, ModelName.Checkpoint _ -> base.value();
        };
    }
}
