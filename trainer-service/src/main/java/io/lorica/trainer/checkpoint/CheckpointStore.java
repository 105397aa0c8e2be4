package io.lorica.trainer.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.error.ErrorKind;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.AdapterId;
import io.lorica.contracts.id.ModelName;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.ParentAdapter;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.lorica.storage.StoredObject;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Checkpoints in the store. A checkpoint exists once its manifest does, which is written after all its files.
@Singleton
public final class CheckpointStore {

    private static final Logger LOG = Logger.getLogger(CheckpointStore.class);
    private static final String JSON = "application/json";

    private final ObjectStore store;

    CheckpointStore(ObjectStore store) {
        this.store = store;
    }

    /// Makes a checkpoint exist whose files are in the store already. One of the same step that exists stays as
    /// it is: equal specs give equal checkpoints.
    public ObjectKey commit(AdapterManifest manifest) {
        ObjectKey key = ArtifactLayout.checkpointManifest(manifest.adapter(), manifest.step());
        store.putIfAbsent(key, EventCodec.bytes(manifest), JSON);
        return key;
    }

    /// Brings the newest whole checkpoint of an adapter into a directory. A damaged one is passed over with a
    /// warning.
    public Optional<AdapterManifest> restoreNewest(AdapterId adapter, Path directory) {
        List<StoredObject> manifests = store.list(ArtifactLayout.checkpoints(adapter));
        for (StoredObject found : manifests.reversed()) {
            Optional<AdapterManifest> restored = restore(found.key(), directory);
            if (restored.isPresent()) {
                return restored;
            }
        }
        return Optional.empty();
    }

    /// Brings the checkpoint after a step into a directory; empty where it is damaged or not there.
    public Optional<AdapterManifest> restore(AdapterId adapter, int step, Path directory) {
        ObjectKey key = ArtifactLayout.checkpointManifest(adapter, step);
        return store.stat(key).isEmpty() ? Optional.empty() : restore(key, directory);
    }

    /// Brings the checkpoint after a step of a job's run into a directory: the job's own, or one of the run that it
    /// continues. Empty where it is damaged or not there.
    public Optional<AdapterManifest> restore(AdapterId adapter, JobSpec spec, int step, Path directory) {
        ParentAdapter parent = spec.parent();
        if (parent == null || !parent.continued() || step > parent.step()) {
            return restore(adapter, step, directory);
        }
        AdapterId source = Objects.requireNonNull(parent.adapter(), "a run that goes on was Lorica's");
        ObjectKey key = ArtifactLayout.checkpointManifest(source, parent.step());
        return store.stat(key)
                .flatMap(_ -> manifest(key))
                .flatMap(from -> restore(source, from.spec(), step, directory));
    }

    /// Brings the files of the adapter that a job trains on into a directory; empty where they are damaged or gone.
    public Optional<AdapterManifest> restoreParent(ParentAdapter parent, Path directory) {
        ObjectKey key = manifestOf(parent);
        return store.stat(key).isEmpty() ? Optional.empty() : restore(key, directory);
    }

    private static ObjectKey manifestOf(ParentAdapter parent) {
        AdapterId adapter = Objects.requireNonNull(parent.adapter(), "the adapter is in the store");
        boolean checkpoint = parent.continued() || ModelName.parse(parent.name()) instanceof ModelName.Checkpoint;
        return checkpoint
                ? ArtifactLayout.checkpointManifest(adapter, parent.step())
                : ArtifactLayout.adapterManifest(adapter);
    }

    /// Which attempt wrote the newest checkpoint, 0 before the first.
    public int newestAttempt(AdapterId adapter) {
        return store.list(ArtifactLayout.checkpoints(adapter)).reversed().stream()
                .flatMap(found -> manifest(found.key()).stream())
                .mapToInt(AdapterManifest::attempt)
                .findFirst()
                .orElse(0);
    }

    /// The step of the newest checkpoint, empty before the first.
    public OptionalInt newestStep(AdapterId adapter) {
        return store.list(ArtifactLayout.checkpoints(adapter)).reversed().stream()
                .flatMap(found -> manifest(found.key()).stream())
                .mapToInt(AdapterManifest::step)
                .findFirst();
    }

    private Optional<AdapterManifest> manifest(ObjectKey key) {
        try {
            return Optional.of(EventCodec.json().readValue(store.read(key), AdapterManifest.class));
        } catch (IOException e) {
            LOG.warnf("checkpoint passed over key=%s: its manifest cannot be read", key);
            return Optional.empty();
        }
    }

    private Optional<AdapterManifest> restore(ObjectKey key, Path directory) {
        Optional<AdapterManifest> manifest = manifest(key);
        try {
            for (ArtifactFile file : manifest.map(AdapterManifest::files).orElse(List.of())) {
                store.download(new ObjectKey(file.key()), directory.resolve(file.name()), Optional.of(file.sha256()));
            }
            return manifest;
        } catch (ProductException e) {
            if (e.code().kind() == ErrorKind.UNAVAILABLE || e.code().kind() == ErrorKind.EXHAUSTED) {
                throw e;
            }
            LOG.warnf("checkpoint passed over key=%s: %s", key, e.detail());
            return Optional.empty();
        }
    }
}
