package io.lorica.inference.adapter;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

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

/// Brings an adapter's files from the store to this machine, checked against the digests of its manifest.
@Singleton
public final class AdapterFetcher {

    private static final String WEIGHTS = "adapter_model.safetensors";

    /// What serving needs; the rest of a checkpoint, above all the optimizer's state, stays in the store.
    private static final Set<String> NEEDED = Set.of(WEIGHTS, "adapter_config.json");

    private final ObjectStore store;
    private final Path cache;

    AdapterFetcher(ObjectStore store, InferenceConfig config) {
        this.store = store;
        this.cache = config.adapterCache();
    }

    /// Reads a manifest and sees to it that the files are here.
    AdapterState.Ready fetch(AdapterState.Announced announced) {
        AdapterManifest manifest = manifest(new ObjectKey(announced.manifestKey()));
        ArtifactFile weights = manifest.files().stream()
                .filter(file -> file.name().equals(WEIGHTS))
                .findFirst()
                .orElseThrow(() -> ProductException.of(
                        ErrorCode.DIGEST_MISMATCH, "The adapter " + manifest.name() + " has no " + WEIGHTS + "."));
        Path directory = cache.resolve(weights.sha256());
        for (ArtifactFile file : manifest.files()) {
            if (NEEDED.contains(file.name())) {
                fetch(file, directory.resolve(file.name()));
            }
        }
        return announced.toReady(manifest, weights.sha256(), directory);
    }

    private void fetch(ArtifactFile file, Path local) {
        try {
            if (!Files.exists(local) || !Digests.sha256(local).equals(file.sha256())) {
                store.download(new ObjectKey(file.key()), local, Optional.of(file.sha256()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private AdapterManifest manifest(ObjectKey key) {
        try {
            return EventCodec.json().readValue(store.read(key), AdapterManifest.class);
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.DIGEST_MISMATCH, "The manifest " + key + " cannot be read; the adapter is damaged.", e);
        }
    }
}
