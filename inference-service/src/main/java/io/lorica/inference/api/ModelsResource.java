package io.lorica.inference.api;

import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.inference.adapter.AdapterRegistry;
import io.lorica.inference.adapter.AdapterRemoval;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.inference.engine.EngineThread;
import io.lorica.inference.messaging.AdapterNews;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;

/// The models that can be asked: base models, fine-tuned ones and their checkpoints.
@Path("/v1/models")
@RunOnVirtualThread
public class ModelsResource {

    private final AdapterRegistry registry;
    private final AdapterRemoval removal;
    private final EngineThread engine;
    private final InferenceConfig config;
    private final AdapterNews news;
    private final ModelPermission permission;
    private final Instant started = Clock.systemUTC().instant();

    ModelsResource(
            AdapterRegistry registry,
            AdapterRemoval removal,
            EngineThread engine,
            InferenceConfig config,
            AdapterNews news,
            ModelPermission permission) {
        this.registry = registry;
        this.removal = removal;
        this.engine = engine;
        this.config = config;
        this.news = news;
        this.permission = permission;
    }

    /// All models: base models first, then the others, the newest first.
    @GET
    public ModelList list() {
        news.requireCaughtUp();
        List<AdapterState> adapters = listed();
        return ModelList.of(Stream.concat(
                        bases(adapters).stream()
                                .filter(base -> permission.lists(new ModelName.Base(base)))
                                .map(base -> ModelView.of(base, started, config)),
                        adapters.stream().map(this::view))
                .toList());
    }

    /// One model. A fine-tuned one need not be listed yet.
    @GET
    @Path("{model:.+}")
    public ModelView get(@PathParam("model") String model) {
        ModelName name = name(model);
        permission.require(name);
        return switch (name) {
            case ModelName.Base base -> base(base.model());
            case ModelName.FineTuned tuned -> view(registry.find(tuned));
            case ModelName.Checkpoint checkpoint -> view(registry.find(checkpoint));
        };
    }

    /// Deletes a fine-tuned model with its checkpoints, or one checkpoint.
    @DELETE
    @Path("{model:.+}")
    public DeletedModel delete(@PathParam("model") String model) {
        news.requireCaughtUp();
        ModelName name = name(model);
        permission.require(name);
        switch (name) {
            case ModelName.Base _ ->
                throw ProductException.forParameter(
                        ErrorCode.INVALID_REQUEST,
                        "model",
                        "Only fine-tuned models and checkpoints, named ft:…, can be deleted.");
            case ModelName.FineTuned tuned -> removal.remove(tuned);
            case ModelName.Checkpoint checkpoint -> removal.remove(checkpoint);
        }
        return DeletedModel.of(model);
    }

    private ModelView base(BaseModelId base) {
        if (!bases(listed()).contains(base)) {
            throw AdapterRegistry.missing(base.value());
        }
        return ModelView.of(base, started, config);
    }

    private List<AdapterState> listed() {
        return registry.listed().stream()
                .filter(adapter -> permission.lists(adapter.name()))
                .toList();
    }

    private ModelView view(AdapterState adapter) {
        String base = permission.label(adapter.base());
        return ModelView.of(adapter, base, registry.parent(adapter).orElse(base), config);
    }

    private Set<BaseModelId> bases(List<AdapterState> adapters) {
        Set<BaseModelId> bases = new LinkedHashSet<>();
        config.baseModel().map(BaseModelId::new).ifPresent(bases::add);
        bases.addAll(engine.loadedModels());
        adapters.forEach(adapter -> bases.add(adapter.base()));
        return bases;
    }

    private static ModelName name(String model) {
        if (!BaseModelId.matches(model)) {
            throw AdapterRegistry.missing(model);
        }
        return ModelName.parse(model);
    }
}
