package io.lorica.gateway.api;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.observe.CallMetrics;
import io.lorica.gateway.upstream.ErrorBody;
import io.lorica.gateway.upstream.Upstreams;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;

/// The gateway as it is, put together by hand: on a port of its own, with settings of the test.
final class TestGateway implements AutoCloseable {

    private final Vertx vertx = Vertx.vertx();
    private final MeterRegistry metrics = new SimpleMeterRegistry();
    private final OpenCalls calls = new OpenCalls();
    private final PublicServer server;
    private final Shutdown shutdown;

    private TestGateway(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of(
                "quarkus.application.version", "1",
                "lorica.gateway.host", "127.0.0.1",
                "lorica.gateway.port", "0",
                "lorica.gateway.api-keys", "anna:sk-a,bert:sk-b"));
        all.putAll(settings);
        GatewayConfig config = config(all);
        ErrorBody errors = new ErrorBody(new ObjectMapper());
        CallMetrics callMetrics = new CallMetrics(metrics);
        Upstreams upstreams = new Upstreams(vertx, config, errors, metrics);
        ApiDescription description = new ApiDescription(upstreams, config, new ObjectMapper());
        this.server = new PublicServer(
                vertx,
                config,
                callMetrics,
                new InvalidRequests(config, errors, callMetrics),
                new FrontDoor(vertx, config, upstreams, errors, callMetrics, calls, description),
                new NoTls());
        this.shutdown = new Shutdown(config, calls, server);
        server.open(new StartupEvent());
    }

    static TestGateway with(Map<String, String> settings) {
        return new TestGateway(settings);
    }

    int port() {
        return server.port();
    }

    MeterRegistry metrics() {
        return metrics;
    }

    boolean ready() {
        return shutdown.call().getStatus() == org.eclipse.microprofile.health.HealthCheckResponse.Status.UP;
    }

    /// Stops as the process does at SIGTERM.
    void stop() {
        try {
            shutdown.stop(new ShutdownEvent());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static GatewayConfig config(Map<String, String> settings) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withConverter(MemorySize.class, 100, new MemorySizeConverter())
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(GatewayConfig.class)
                .withSources(new PropertiesConfigSource(settings, "test", 500))
                .build()
                .getConfigMapping(GatewayConfig.class);
    }

    private static final class NoTls implements TlsConfigurationRegistry {

        @Override
        public Optional<TlsConfiguration> get(String name) {
            return Optional.empty();
        }

        @Override
        public Optional<TlsConfiguration> getDefault() {
            return Optional.empty();
        }

        @Override
        public void register(String name, TlsConfiguration configuration) {
            throw new UnsupportedOperationException("The tests need no TLS");
        }
    }
}
