package io.lorica.kit.store;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/// Where base models come from.
@ConfigMapping(prefix = "lorica.models")
public interface ModelsConfig {

    /// Directory in which fetched models are kept.
    @WithDefault("${user.home}/.cache/lorica/models")
    Path cache();

    /// Address of the Hugging Face hub or of a mirror that speaks its protocol; the environment variable
    /// HF_ENDPOINT.
    @WithDefault("${HF_ENDPOINT:https://huggingface.co}")
    URI hub();

    /// Access token of the hub; the environment variable HF_TOKEN.
    @WithDefault("${HF_TOKEN:}")
    Optional<String> token();
}
