package io.lorica.inference.adapter;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.event.DomainEvent;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.FileId;
import io.lorica.contracts.id.ModelName;
import io.lorica.kit.event.EventLog;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.StoredObject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Deletes fine-tuned models and checkpoints. The event goes first and the manifest last, so that a deletion which
/// broke off can be asked for again and comes to its end.
@Singleton
public final class AdapterRemoval {

    private static final Logger LOG = Logger.getLogger(AdapterRemoval.class);

    private final ObjectStore store;
    private final EventLog events;
    private final AdapterRegistry registry;
    private final AdapterFetcher fetcher;
    private final JobActivity activity;

    AdapterRemoval(
            ObjectStore store,
            EventLog events,
            AdapterRegistry registry,
            AdapterFetcher fetcher,
            JobActivity activity) {
        this.store = store;
        this.events = events;
        this.registry = registry;
        this.fetcher = fetcher;
        this.activity = activity;
    }

    /// Deletes a model and its checkpoints; of a job that failed or was cancelled, the checkpoints.
    ///
    /// @throws ProductException with `MODEL_NOT_FOUND` when there is no such model, with `MODEL_IN_USE` while
    ///     its job has not ended
    public void remove(ModelName.FineTuned name) {
        ObjectKey manifest = ArtifactLayout.adapterManifest(name.adapter());
        boolean finished = store.stat(manifest).isPresent();
        if (!finished && checkpoints(name.adapter()).isEmpty()) {
            throw AdapterRegistry.missing(name.toString());
        }
        requireEnded(name.adapter(), name);
        events.publish(new DomainEvent.AdapterRetired(name.adapter(), name));
        registry.retire(name);
        List<FileId> results = finished ? resultFiles(name.adapter(), manifest) : List.of();
        checkpoints(name.adapter()).forEach(found -> store.delete(found.key()));
        results.forEach(file -> store.delete(ArtifactLayout.fileRecord(file)));
        store.list(ArtifactLayout.adapter(name.adapter())).stream()
                .filter(found -> !found.key().equals(manifest))
                .forEach(found -> store.delete(found.key()));
        store.delete(manifest);
    }

    /// Deletes one checkpoint, with the files that no other one and not the finished adapter has.
    ///
    /// @throws ProductException with `MODEL_NOT_FOUND` when there is no such checkpoint, with `MODEL_IN_USE` while
    ///     its job has not ended
    public void remove(ModelName.Checkpoint name) {
        AdapterId adapter = name.model().adapter();
        ObjectKey key = ArtifactLayout.checkpointManifest(adapter, name.step());
        if (store.stat(key).isEmpty()) {
            throw AdapterRegistry.missing(name.toString());
        }
        requireEnded(adapter, name);
        events.publish(new DomainEvent.AdapterRetired(adapter, name));
        registry.retire(name);
        Set<String> needed = Stream.concat(
                        checkpoints(adapter).stream().map(StoredObject::key).filter(other -> !other.equals(key)),
                        Stream.of(ArtifactLayout.adapterManifest(adapter))
                                .filter(finished -> store.stat(finished).isPresent()))
                .flatMap(other -> files(other).stream())
                .collect(Collectors.toSet());
        files(key).stream().filter(file -> !needed.contains(file)).forEach(file -> store.delete(new ObjectKey(file)));
        store.delete(key);
    }

    private void requireEnded(AdapterId adapter, ModelName name) {
        if (activity.underWay(adapter)) {
            throw ProductException.forParameter(
                    ErrorCode.MODEL_IN_USE,
                    "model",
                    "The job that trains " + name + " has not ended and may go on from its checkpoints. Cancel it"
                            + " first, with POST /v1/fine_tuning/jobs/{id}/cancel.");
        }
    }

    private List<StoredObject> checkpoints(AdapterId adapter) {
        return store.list(ArtifactLayout.checkpoints(adapter));
    }

    private List<String> files(ObjectKey manifest) {
        return fetcher.manifest(manifest).files().stream()
                .map(ArtifactFile::key)
                .toList();
    }

    // As files of a job's results they would be listed, and have no bytes; the table of metrics is a file of its own.
    private List<FileId> resultFiles(AdapterId adapter, ObjectKey manifest) {
        Stream<FileId> exports = Stream.of(ArtifactLayout.mergedModel(adapter), ArtifactLayout.ggufFiles(adapter))
                .flatMap(place -> store.list(place).stream())
                .map(found -> ArtifactLayout.resultFile(found.key()));
        return Stream.concat(exports, table(manifest)).toList();
    }

    private Stream<FileId> table(ObjectKey manifest) {
        try {
            AdapterManifest read = fetcher.manifest(manifest);
            FileId table = ArtifactLayout.resultTable(read.job());
            store.delete(ArtifactLayout.fileContent(table));
            return Stream.of(table);
        } catch (ProductException e) {
            LOG.warnf("table of metrics left behind key=%s: %s", manifest, e.detail());
            return Stream.empty();
        }
    }
}
