package io.lorica.inference.adapter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.adapter.ArtifactFile;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.kit.event.EventCodec;
import io.lorica.storage.Digests;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import jakarta.inject.Singleton;

/// Brings an adapter's files from the store to this machine, checked against the digests of its manifest. What serving
/// does not need, above all the optimizer's state, stays in the store.
@Singleton
public final class AdapterFetcher {

    static final String WEIGHTS = "adapter_model.safetensors";
    static final String CONFIG = "adapter_config.json";

    private final ObjectStore store;
    private final Path cache;

    AdapterFetcher(ObjectStore store, InferenceConfig config) {
        this.store = store;
        this.cache = config.adapterCache();
    }

    /// Reads a manifest.
    ///
    /// @throws ProductException with `OBJECT_NOT_FOUND` when it is not there, with `DIGEST_MISMATCH` when it is
    ///     damaged
    AdapterManifest manifest(ObjectKey key) {
        try {
            return EventCodec.json().readValue(store.read(key), AdapterManifest.class);
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.DIGEST_MISMATCH,
                    "The manifest " + key + " cannot be read: it is damaged, or a newer version of Lorica wrote it."
                            + " Update Lorica, or train the adapter again.",
                    e);
        }
    }

    /// Sees to it that an adapter's files are here.
    AdapterState.Ready fetch(AdapterManifest manifest) {
        ArtifactFile weights = file(manifest, WEIGHTS);
        Path directory = cache.resolve(weights.sha256());
        for (ArtifactFile file : List.of(weights, file(manifest, CONFIG))) {
            fetch(file, directory.resolve(file.name()));
        }
        return new AdapterState.Ready(manifest, weights.sha256(), directory);
    }

    private void fetch(ArtifactFile file, Path local) {
        try {
            if (!Files.exists(local) || !Digests.sha256(local).equals(file.sha256())) {
                store.download(new ObjectKey(file.key()), local, Optional.of(file.sha256()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + local, e);
        }
    }

    private static ArtifactFile file(AdapterManifest manifest, String name) {
        return manifest.files().stream()
                .filter(file -> file.name().equals(name))
                .findFirst()
                .orElseThrow(() -> ProductException.of(
                        ErrorCode.DIGEST_MISMATCH,
                        "The adapter " + manifest.name() + " has no " + name + ". Train it again."));
    }
}
