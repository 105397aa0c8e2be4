package io.lorica.models;

import java.nio.file.Path;
import java.util.Optional;

import io.lorica.contracts.id.BaseModelId;

/// Finds base models and brings them to this machine. Safe for use by many threads and processes.
public interface BaseModels {

    /// What the model is, read from its small files only. One that was fetched before needs no network.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `MODEL_NOT_FOUND`, `UNSUPPORTED_MODEL` or
    ///     `HUB_UNAVAILABLE`, in words that say what to do
    BaseModelProfile profile(BaseModelId model);

    /// The model as a local directory in Hugging Face layout or a local GGUF file, fetched first where it is
    /// elsewhere. A revision of a hub that was fetched before needs no network: the hub is asked in the
    /// background whether a branch has moved. A prefix of the store is compared with what is here, unless the
    /// store is away.
    ///
    /// @throws io.lorica.contracts.error.ProductException as [#profile], and with `OUT_OF_DISK`
    Path fetch(BaseModelId model, FetchProgress progress);

    /// The model as it is on this machine, without waiting for anybody; empty where it must be fetched first.
    /// Places it was fetched from are looked at in the background, so that a later call finds what is new.
    ///
    /// @throws io.lorica.contracts.error.ProductException as [#profile]
    Optional<Path> here(BaseModelId model);

    /// The directory of a PEFT adapter that a name stands for, where it is on this machine's disk and no model lies
    /// beside it; empty for all else.
    default Optional<Path> adapter(BaseModelId model) {
        return Optional.empty();
    }
}
