package io.lorica.gateway.access;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import io.lorica.gateway.config.GatewayConfig;
import org.jspecify.annotations.Nullable;

/// The keys that open the door. Immutable.
public final class KeyRing {

    private static final String SCHEME = "bearer ";
    private static final String SINGLE = "default";

    private final List<ApiKey> keys;

    /// The ring of these keys.
    ///
    /// @throws IllegalArgumentException if there is no key, or two keys have one name
    public KeyRing(List<ApiKey> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException(
                    "The gateway has no API key, so nobody could call it: set LORICA_API_KEY or lorica.gateway.api-keys.");
        }
        if (keys.stream().map(ApiKey::name).distinct().count() < keys.size()) {
            throw new IllegalArgumentException("Two API keys have the same name; give each its own.");
        }
        this.keys = List.copyOf(keys);
    }

    /// The ring that the configuration describes.
    public static KeyRing of(GatewayConfig config) {
        Stream<ApiKey> single = config.apiKey().map(key -> ApiKey.of(SINGLE, key)).stream();
        Stream<ApiKey> named = config.apiKeys().orElse(List.of()).stream().map(ApiKey::parse);
        return new KeyRing(Stream.concat(single, named).toList());
    }

    /// Tells whether there are several callers.
    public boolean shared() {
        return keys.size() > 1;
    }

    /// Whose call it is, by the request's `Authorization` header; empty if no key matches.
    public Optional<String> caller(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        byte[] presented =
                ApiKey.sha256(authorization.substring(SCHEME.length()).strip());
        String found = null;
        // Every key is looked at, so that the time taken does not tell which one matched.
        for (ApiKey key : keys) {
            if (key.matches(presented)) {
                found = key.name();
            }
        }
        return Optional.ofNullable(found);
    }
}
