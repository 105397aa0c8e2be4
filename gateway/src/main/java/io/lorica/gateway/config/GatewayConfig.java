package io.lorica.gateway.config;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/// Everything the gateway can be told.
@ConfigMapping(prefix = "lorica.gateway")
public interface GatewayConfig {

    /// Where the services are.
    Upstreams upstreams();

    /// The key of a one-user installation; its caller is called `default`. `LORICA_API_KEY` sets it too.
    Optional<String> apiKey();

    /// Further keys, each `name:key`, or `name:sha256:` and the key's SHA-256 in 64 hexadecimal digits.
    Optional<List<String>> apiKeys();

    /// How often one key may call.
    Rate rate();

    /// How long to wait for a service to accept a connection.
    @WithDefault("2s")
    Duration connectTimeout();

    /// How long a connection to a service may stand still, with no byte in either direction.
    @WithDefault("10m")
    Duration idleTimeout();

    /// How many connections to keep to one service; each open stream holds one.
    @WithDefault("256")
    int connectionsPerUpstream();

    /// The largest body to pass on; a little over the 512 MB of a file, for the form around it.
    @WithDefault("520M")
    MemorySize maxBodySize();

    /// The organisation named in the `openai-organization` header of each answer.
    @WithDefault("lorica")
    String organization();

    /// The version shown by `GET /`.
    @WithDefault("${quarkus.application.version}")
    String version();

    /// Where the API is described, shown by `GET /`.
    @WithDefault("docs/api.md")
    String documentation();

    /// Base URIs of the services: scheme, host and port.
    interface Upstreams {

        /// The dataset-service.
        @WithDefault("http://127.0.0.1:8081")
        URI dataset();

        /// The trainer-service.
        @WithDefault("http://127.0.0.1:8082")
        URI trainer();

        /// The inference-service.
        @WithDefault("http://127.0.0.1:8083")
        URI inference();
    }

    /// A token bucket for each key.
    interface Rate {

        /// Calls per minute; 0 is no limit.
        @WithDefault("0")
        int requestsPerMinute();

        /// How many calls may come at once after a pause.
        @WithDefault("20")
        int burst();
    }
}
