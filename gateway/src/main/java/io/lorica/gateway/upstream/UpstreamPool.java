package io.lorica.gateway.upstream;

import java.net.ConnectException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.gateway.route.Traffic;
import io.lorica.gateway.route.Upstream;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.RequestOptions;

/// The connections to one service for one sort of traffic. Who finds none free waits for a bounded time. Thread-safe.
final class UpstreamPool {

    private static final int KEEP_ALIVE_SECONDS = 30;
    // Downloads travel in chunks as large as those of uploads.
    private static final int MAX_CHUNK = 64 << 10;

    /// The bounds of a pool.
    record Bounds(int connections, Duration connect, Duration patience, Duration idle) {}

    private final Upstream upstream;
    private final UpstreamAddress address;
    private final Bounds bounds;
    private final HttpClient client;
    private final AtomicInteger inUse = new AtomicInteger();
    private final Timer waits;

    UpstreamPool(
            Vertx vertx,
            Upstream upstream,
            Traffic traffic,
            UpstreamAddress address,
            Bounds bounds,
            MeterRegistry metrics) {
        this.upstream = upstream;
        this.address = address;
        this.bounds = bounds;
        this.client = vertx.createHttpClient(new HttpClientOptions()
                .setMaxPoolSize(bounds.connections())
                .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                .setMaxChunkSize(MAX_CHUNK)
                .setConnectTimeout((int) bounds.connect().toMillis())
                // Of the connection, not of the request: a long upload is not silence.
                .setIdleTimeout((int) bounds.idle().toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS));
        Tags tags = Tags.of("service", upstream.serviceName(), "traffic", traffic.tag());
        this.waits = Timer.builder("lorica.gateway.upstream.wait")
                .description("Time until a call had a connection to its service")
                .tags(tags)
                .register(metrics);
        Gauge.builder("lorica.gateway.upstream.connections", inUse, AtomicInteger::get)
                .description("Connections to a service that calls hold")
                .tags(tags)
                .register(metrics);
        Gauge.builder("lorica.gateway.upstream.connections.max", bounds::connections)
                .description("Connections to a service that calls may hold")
                .tags(tags)
                .register(metrics);
    }

    /// Opens a connection, at the second attempt if the first is refused: nothing has been sent by then. Whoever gets
    /// one gives it back with [#release].
    Future<HttpClientRequest> request() {
        long begun = System.nanoTime();
        RequestOptions options =
                address.request().setConnectTimeout(bounds.patience().toMillis());
        return client.request(options)
                .recover(failure ->
                        failure instanceof ConnectException ? client.request(options) : Future.failedFuture(failure))
                .onSuccess(request -> inUse.incrementAndGet())
                .onComplete(done -> waits.record(System.nanoTime() - begun, TimeUnit.NANOSECONDS));
    }

    void release() {
        inUse.decrementAndGet();
    }

    /// Tells whether every connection that calls may hold is held.
    boolean exhausted() {
        return inUse.get() >= bounds.connections();
    }

    HttpClient client() {
        return client;
    }

    Upstream upstream() {
        return upstream;
    }

    UpstreamAddress address() {
        return address;
    }

    Bounds bounds() {
        return bounds;
    }

    void close() {
        client.close();
    }
}
