package io.lorica.kit.store;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
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

    /// Names for base models, each `name=place`, with commas between them. Callers of every key may use these.
    Optional<List<String>> names();

    /// Directories below which callers may name models; `*` is any. By default any while the gateway has one key, and
    /// none when it has more.
    Optional<List<String>> directories();

    /// Buckets in which callers may name models, in the same way. The bucket of Lorica's own artefacts is never one of
    /// `*`.
    Optional<List<String>> buckets();

    /// Users and organisations of the hub whose repositories callers may name, in the same way. They are fetched with
    /// the installation's token.
    Optional<List<String>> hubOwners();
}
