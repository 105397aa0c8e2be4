package io.lorica.gateway.upstream;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.route.Traffic;
import io.lorica.gateway.route.Upstream;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// The services behind the door and the connections to them: for each service one pool for answers and one for
/// transfers. Thread-safe.
@Singleton
public final class Upstreams {

    private static final Duration PROBE_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration DESCRIPTION_TIMEOUT = Duration.ofSeconds(5);
    private static final int OK = 200;

    // Of its own, so that questions about health never wait behind calls.
    private final HttpClient probes;
    private final ErrorBody errors;
    private final Map<Upstream, UpstreamAddress> addresses = new EnumMap<>(Upstream.class);
    private final Map<Upstream, Map<Traffic, UpstreamPool>> pools = new EnumMap<>(Upstream.class);

    /// The services that the configuration names.
    public Upstreams(Vertx vertx, GatewayConfig config, ErrorBody errors, MeterRegistry metrics) {
        this.errors = errors;
        this.probes = vertx.createHttpClient(new HttpClientOptions()
                .setConnectTimeout((int) config.connectTimeout().toMillis()));
        Arrays.stream(Upstream.values()).forEach(upstream -> {
            UpstreamAddress address = UpstreamAddress.of(upstream, config.upstreams());
            Map<Traffic, UpstreamPool> ofOne = new EnumMap<>(Traffic.class);
            for (Traffic traffic : Traffic.values()) {
                ofOne.put(
                        traffic, new UpstreamPool(vertx, upstream, traffic, address, bounds(config, traffic), metrics));
            }
            addresses.put(upstream, address);
            pools.put(upstream, ofOne);
        });
    }

    /// Passes a request on to a service and its answer back.
    ///
    /// @param content the request's body where it is read already
    /// @param upload the request's body where it is passed on while it comes
    /// @param streamBegins told when the answer is a stream of events
    public Forwarding forward(
            Upstream upstream,
            Traffic traffic,
            HttpServerRequest request,
            @Nullable Buffer content,
            @Nullable RequestBody upload,
            Runnable streamBegins) {
        UpstreamPool pool = Objects.requireNonNull(
                Objects.requireNonNull(pools.get(upstream)).get(traffic));
        return new Forwarding(pool, request, content, upload, errors, streamBegins);
    }

    /// A word on how a service is: `ready`, `not ready` or `unreachable`. Never fails.
    public Future<String> state(Upstream upstream) {
        return probes.request(probe(upstream, "/q/health/ready", PROBE_TIMEOUT))
                .compose(HttpClientRequest::send)
                .map(response -> response.statusCode() == OK ? "ready" : "not ready")
                .otherwise("unreachable");
    }

    /// A service's own description of its part of the API, as JSON.
    public Future<Buffer> description(Upstream upstream) {
        return probes.request(probe(upstream, "/q/openapi?format=json", DESCRIPTION_TIMEOUT))
                .compose(HttpClientRequest::send)
                .compose(response -> response.statusCode() == OK
                        ? response.body()
                        : Future.failedFuture("status " + response.statusCode()));
    }

    @PreDestroy
    void close() {
        probes.close();
        pools.values().forEach(ofOne -> ofOne.values().forEach(UpstreamPool::close));
    }

    private RequestOptions probe(Upstream upstream, String uri, Duration timeout) {
        return Objects.requireNonNull(addresses.get(upstream))
                .request()
                .setURI(uri)
                .setTimeout(timeout.toMillis());
    }

    private static UpstreamPool.Bounds bounds(GatewayConfig config, Traffic traffic) {
        int connections = switch (traffic) {
            case ANSWERS -> config.connectionsPerUpstream();
            case TRANSFERS -> config.transfersPerUpstream();
        };
        return new UpstreamPool.Bounds(
                connections, config.connectTimeout(), config.upstreamWait(), config.idleTimeout());
    }
}
