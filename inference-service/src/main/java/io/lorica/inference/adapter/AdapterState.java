package io.lorica.inference.adapter;

import java.nio.file.Path;
import java.time.Instant;

import io.lorica.contracts.adapter.AdapterManifest;
import io.lorica.contracts.id.BaseModelId;

/// Where an adapter is on its way to being served.
public sealed interface AdapterState {

    /// An event has told of it.
    ///
    /// @param base the base model that it belongs to
    /// @param manifestKey where its manifest is
    /// @param since when it came to be
    record Announced(BaseModelId base, String manifestKey, Instant since) implements AdapterState {

        /// Its files are on this machine.
        Ready toReady(AdapterManifest manifest, String digest, Path directory) {
            return new Ready(manifest, digest, directory);
        }

        /// It cannot be served.
        Rejected toRejected(String reason) {
            return new Rejected(base, since, reason);
        }
    }

    /// Its files are on this machine.
    ///
    /// @param manifest what it is
    /// @param digest SHA-256 of its weights: what it is known by in memory
    /// @param directory its files in PEFT layout
    record Ready(AdapterManifest manifest, String digest, Path directory) implements AdapterState {}

    /// It cannot be served.
    ///
    /// @param reason why not, in words
    record Rejected(BaseModelId base, Instant since, String reason) implements AdapterState {}

    /// It was deleted.
    record Retired() implements AdapterState {}
}
