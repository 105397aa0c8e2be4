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

    /// Address that callers are heard at.
    @WithDefault("${quarkus.http.host:0.0.0.0}")
    String host();

    /// Port that callers use. Health and metrics have another one, `LORICA_MANAGEMENT_PORT`.
    @WithDefault("${LORICA_HTTP_PORT:8080}")
    int port();

    /// Name of a TLS configuration (`quarkus.tls.<name>.…`) for the port that callers use; without, it speaks plain
    /// HTTP.
    Optional<String> tlsConfiguration();

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

    /// How many connections to one service calls may hold, uploads and downloads apart; each open stream holds one.
    @WithDefault("256")
    int connectionsPerUpstream();

    /// How many connections to one service uploads and downloads may hold.
    @WithDefault("64")
    int transfersPerUpstream();

    /// How long a call waits for a free connection to its service before it is turned away with 503.
    @WithDefault("5s")
    Duration upstreamWait();

    /// How many calls one key may have open at once, uploads and downloads apart; further ones are turned away with
    /// 429.
    @WithDefault("128")
    int callsPerKey();

    /// How many uploads and downloads one key may have open at once; further ones are turned away with 429.
    @WithDefault("32")
    int transfersPerKey();

    /// How many connections callers may have open at once, in all; further ones are closed.
    @WithDefault("4096")
    int maxConnections();

    /// How long the head of a request may take from the opening of the connection.
    @WithDefault("10s")
    Duration headerTimeout();

    /// How long a caller's connection is kept until the head of its next request has come.
    @WithDefault("75s")
    Duration keepAlive();

    /// The time in which a body that is asked for has to get on by `body-progress`.
    @WithDefault("30s")
    Duration bodyTimeout();

    /// How much of a body has to come within `body-timeout`, if not its end.
    @WithDefault("16K")
    MemorySize bodyProgress();

    /// The largest upload to pass on, inflated; a little over the 512 MB of a file, for the form around it.
    @WithDefault("520M")
    MemorySize maxBodySize();

    /// The largest body of any other call, inflated. Such a body is read whole before a service is asked.
    @WithDefault("8M")
    MemorySize maxJsonSize();

    /// How much memory bodies that are read whole may take.
    @WithDefault("128M")
    MemorySize buffer();

    /// How much of it one key may take.
    @WithDefault("32M")
    MemorySize bufferPerKey();

    /// How the gateway stops.
    Shutdown shutdown();

    /// Which web pages may call.
    Cors cors();

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

    /// Times of an orderly end.
    interface Shutdown {

        /// How long calls are served as before, while health says that the gateway is no longer ready.
        @WithDefault("0s")
        Duration delay();

        /// How long calls in progress may go on after that, while new ones are turned away.
        @WithDefault("30s")
        Duration grace();

        /// How long to wait for the answers of calls that are broken off after that.
        @WithDefault("2s")
        Duration ending();
    }

    /// Calls from web pages of other origins.
    interface Cors {

        /// Tells whether such calls are possible; `LORICA_CORS_ENABLED` says the same.
        @WithDefault("${LORICA_CORS_ENABLED:false}")
        boolean enabled();

        /// Origins of pages that may call, or regular expressions for them between slashes; `LORICA_CORS_ORIGINS` says
        /// the same.
        @WithDefault("${LORICA_CORS_ORIGINS:}")
        Optional<List<String>> origins();
    }
}
