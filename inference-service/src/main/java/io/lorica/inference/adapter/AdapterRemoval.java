package io.lorica.inference.adapter;

import java.util.stream.Stream;

import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.ModelName;
import io.lorica.kit.event.EventLog;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import jakarta.inject.Singleton;

/// Deletes fine-tuned models.
@Singleton
public final class AdapterRemoval {

    private final ObjectStore store;
    private final EventLog events;
    private final AdapterRegistry registry;

    AdapterRemoval(ObjectStore store, EventLog events, AdapterRegistry registry) {
        this.store = store;
        this.events = events;
        this.registry = registry;
    }

    /// Deletes a model and its checkpoints. The event goes first and the adapter's own manifest last, so that a
    /// deletion which broke off can be asked for again and comes to its end.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `MODEL_NOT_FOUND` when there is no such model
    public void remove(ModelName.FineTuned name) {
        ObjectKey manifest = ArtifactLayout.adapterManifest(name.adapter());
        if (store.stat(manifest).isEmpty()) {
            throw AdapterRegistry.missing(name.toString());
        }
        events.publish(new DomainEvent.AdapterRetired(name.adapter(), name));
        registry.retire(name.adapter());
        store.list(ArtifactLayout.checkpoints(name.adapter())).forEach(found -> store.delete(found.key()));
        resultFiles(name.adapter()).forEach(store::delete);
        store.list(ArtifactLayout.adapter(name.adapter())).stream()
                .filter(found -> !found.key().equals(manifest))
                .forEach(found -> store.delete(found.key()));
        store.delete(manifest);
    }

    // As files of a job's results they would be listed, and have no bytes.
    private Stream<ObjectKey> resultFiles(AdapterId adapter) {
        return Stream.of(ArtifactLayout.mergedModel(adapter), ArtifactLayout.ggufFiles(adapter))
                .flatMap(place -> store.list(place).stream())
                .map(found -> ArtifactLayout.fileRecord(ArtifactLayout.resultFile(found.key())));
    }
}
