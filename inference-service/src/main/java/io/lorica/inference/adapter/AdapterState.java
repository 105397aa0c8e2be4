package io.lorica.inference.adapter;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.BaseModelId;
import io.lorica.contracts.id.ModelName;
import io.lorica.storage.ObjectKey;

/// Where an adapter or a checkpoint is on its way to being served.
public sealed interface AdapterState {

    /// The name under which it is listed.
    ModelName name();

    /// The base model that it belongs to.
    BaseModelId base();

    /// When it came to be.
    Instant since();

    /// It is known to exist; its files are elsewhere.
    ///
    /// @param manifest where its manifest is
    record Announced(ModelName name, BaseModelId base, ObjectKey manifest, Instant since) implements AdapterState {}

    /// Its files are on this machine.
    ///
    /// @param manifest what it is
    /// @param digest SHA-256 of its weights: what it is known by in memory
    /// @param directory its files in PEFT layout
    record Ready(AdapterManifest manifest, String digest, Path directory) implements AdapterState {
        @Override
        public ModelName name() {
            return manifest.name();
        }

        @Override
        public BaseModelId base() {
            return manifest.spec().model();
        }

        @Override
        public Instant since() {
            return manifest.createdAt();
        }

        /// Whether its files are still there: caches below a temporary directory get swept.
        boolean isOnDisk() {
            return Files.exists(directory.resolve(AdapterFetcher.WEIGHTS))
                    && Files.exists(directory.resolve(AdapterFetcher.CONFIG));
        }
    }

    /// It cannot be served.
    ///
    /// @param failure why not
    record Rejected(ModelName name, BaseModelId base, Instant since, ProductException failure)
            implements AdapterState {}
}
