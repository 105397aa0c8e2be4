package io.lorica.trainer.publish;

import java.io.IOException;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.ArtifactLayout;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import jakarta.inject.Singleton;

/// Makes a finished adapter exist: its manifest is written once, after all its files.
@Singleton
public final class AdapterPublisher {

    private final ObjectStore store;

    AdapterPublisher(ObjectStore store) {
        this.store = store;
    }

    /// Writes the manifest and returns the one that holds: an attempt that was lost right after it had written
    /// its manifest has published the adapter, and this attempt takes that for its own.
    public AdapterManifest publish(AdapterManifest manifest) {
        ObjectKey key = ArtifactLayout.adapterManifest(manifest.adapter());
        if (store.putIfAbsent(key, EventCodec.bytes(manifest), "application/json")) {
            return manifest;
        }
        try {
            return EventCodec.json().readValue(store.read(key), AdapterManifest.class);
        } catch (IOException e) {
            throw ProductException.of(ErrorCode.INTERNAL_ERROR, "The manifest " + key + " cannot be read.", e);
        }
    }
}
