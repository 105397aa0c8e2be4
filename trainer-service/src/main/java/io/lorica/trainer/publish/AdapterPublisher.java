package io.lorica.trainer.publish;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.AdapterId;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import jakarta.inject.Singleton;

/// Makes a finished adapter exist: its manifest is written once, after all its files.
@Singleton
public final class AdapterPublisher {

    private static final String JSON = "application/json";

    private final ObjectStore store;

    AdapterPublisher(ObjectStore store) {
        this.store = store;
    }

    /// Writes the manifest and returns the one that holds: an attempt that was lost right after it had
    /// written its manifest has published the adapter, and this attempt takes that for its own. Only files
    /// made of the adapter that it does not have yet are added to it.
    public AdapterManifest publish(AdapterManifest manifest) {
        ObjectKey key = ArtifactLayout.adapterManifest(manifest.adapter());
        if (store.putIfAbsent(key, EventCodec.bytes(manifest), JSON)) {
            return manifest;
        }
        AdapterManifest first = read(key);
        AdapterManifest whole =
                first.withExports(either(first.merged(), manifest.merged()), either(first.gguf(), manifest.gguf()));
        if (!whole.equals(first)) {
            store.put(key, EventCodec.bytes(whole), JSON);
        }
        return whole;
    }

    /// The manifest of an adapter that is published.
    public Optional<AdapterManifest> published(AdapterId adapter) {
        ObjectKey key = ArtifactLayout.adapterManifest(adapter);
        return store.stat(key).map(_ -> read(key));
    }

    private static List<ArtifactFile> either(List<ArtifactFile> first, List<ArtifactFile> later) {
        return first.isEmpty() ? later : first;
    }

    private AdapterManifest read(ObjectKey key) {
        try {
            return EventCodec.json().readValue(store.read(key), AdapterManifest.class);
        } catch (IOException e) {
            throw ProductException.of(ErrorCode.INTERNAL_ERROR, "The manifest " + key + " cannot be read.", e);
        }
    }
}
