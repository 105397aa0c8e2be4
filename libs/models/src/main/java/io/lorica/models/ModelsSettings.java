package io.lorica.models;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

import io.lorica.storage.StoreSettings;

/// Where base models are looked for and kept.
///
/// @param cache directory for what is fetched
/// @param hub address of the Hugging Face hub or of a mirror that speaks its protocol
/// @param token access token of the hub, empty for anonymous access
/// @param store the store that `s3://` prefixes are read from, whatever their bucket
public record ModelsSettings(Path cache, URI hub, Optional<String> token, StoreSettings store) {}
