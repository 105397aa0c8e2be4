package io.lorica.models;

import java.nio.file.Path;

import io.lorica.contracts.id.BaseModelId;

/// Finds base models and brings them to this machine. Safe for use by many threads and processes.
public interface BaseModels {

    /// What the model is, read from its small files only.
    ///
    /// @throws io.lorica.contracts.error.ProductException with `MODEL_NOT_FOUND`, `UNSUPPORTED_MODEL` or
    ///     `HUB_UNAVAILABLE`, in words that say what to do
    BaseModelProfile profile(BaseModelId model);

    /// The model as a local directory in Hugging Face layout or a local GGUF file, fetched first where it is
    /// elsewhere.
    ///
    /// @throws io.lorica.contracts.error.ProductException as [#profile], and with `OUT_OF_DISK`
    Path fetch(BaseModelId model, FetchProgress progress);
}
