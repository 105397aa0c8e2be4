package io.lorica.gateway.upstream;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.route.Upstream;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;

/// The services behind the door and the connections to them. Thread-safe.
@Singleton
public final class Upstreams {

    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);
    private static final int OK = 200;

    private final HttpClient client;
    private final Map<Upstream, UpstreamAddress> addresses = new EnumMap<>(Upstream.class);
    private final Map<Upstream, UpstreamProxy> proxies = new EnumMap<>(Upstream.class);

    Upstreams(Vertx vertx, GatewayConfig config, ErrorBody errors) {
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setMaxPoolSize(config.connectionsPerUpstream())
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setConnectTimeout((int) config.connectTimeout().toMillis())
                // Of the connection, not of the request: a long upload is not silence.
                .setIdleTimeout((int) config.idleTimeout().toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS));
        Arrays.stream(Upstream.values()).forEach(upstream -> {
            UpstreamAddress address = UpstreamAddress.of(upstream, config.upstreams());
            addresses.put(upstream, address);
            proxies.put(upstream, new UpstreamProxy(upstream, address, client, config.idleTimeout(), errors));
        });
    }

    /// Passes a request on to a service and its answer back.
    public void forward(Upstream upstream, HttpServerRequest request) {
        Objects.requireNonNull(proxies.get(upstream)).forward(request);
    }

    /// A word on how a service is: `ready`, `not ready` or `unreachable`. Never fails.
    public Future<String> state(Upstream upstream) {
        return client.request(Objects.requireNonNull(addresses.get(upstream))
                        .request()
                        .setURI("/q/health/ready")
                        .setTimeout(PROBE_TIMEOUT.toMillis()))
                .compose(HttpClientRequest::send)
                .map(response -> response.statusCode() == OK ? "ready" : "not ready")
                .otherwise("unreachable");
    }

    @PreDestroy
    void close() {
        client.close();
    }
}
