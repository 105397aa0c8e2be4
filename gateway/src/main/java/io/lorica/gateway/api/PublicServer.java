package io.lorica.gateway.api;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.observe.CallMetrics;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The public port: one HTTP/1.1 server on every event loop. It is not Quarkus' own, which gives no hold of
/// connections, of malformed requests and of the way it stops; that one serves health and metrics on another port.
/// See ADR 0017.
@Singleton
final class PublicServer {

    static final int MAX_LINE = 8192;
    static final int MAX_HEADERS = 20 << 10;
    // Eight times the usual size: handing a chunk on costs more than its bytes.
    private static final int MAX_CHUNK = 64 << 10;

    private static final Logger LOG = Logger.getLogger(PublicServer.class);

    private final Vertx vertx;
    private final GatewayConfig config;
    private final CallMetrics metrics;
    private final InvalidRequests invalid;
    private final FrontDoor door;
    private final TlsConfigurationRegistry tls;
    private final AtomicInteger port = new AtomicInteger();
    private final Map<HttpConnection, CallerConnection> connections = new ConcurrentHashMap<>();
    private @Nullable String deployment;

    PublicServer(
            Vertx vertx,
            GatewayConfig config,
            CallMetrics metrics,
            InvalidRequests invalid,
            FrontDoor door,
            TlsConfigurationRegistry tls) {
        this.vertx = vertx;
        this.config = config;
        this.metrics = metrics;
        this.invalid = invalid;
        this.door = door;
        this.tls = tls;
    }

    void open(@Observes StartupEvent event) {
        // Each instance would get a free port of its own.
        int instances = config.port() == 0 ? 1 : VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE;
        try {
            deployment = vertx.deployVerticle(Listener::new, new DeploymentOptions().setInstances(instances))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException e) {
            throw new IllegalStateException(
                    "The gateway cannot listen at %s:%d: %s"
                            .formatted(
                                    config.host(),
                                    config.port(),
                                    Objects.requireNonNullElse(e.getCause(), e).getMessage()),
                    e);
        }
        LOG.infof("the gateway listens host=%s port=%d", config.host(), port.get());
    }

    /// The port that callers use.
    int port() {
        return port.get();
    }

    void close() {
        String open = deployment;
        deployment = null;
        if (open != null) {
            vertx.undeploy(open).toCompletionStage().toCompletableFuture().join();
        }
    }

    private HttpServerOptions options() {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(config.host())
                .setPort(config.port())
                .setMaxInitialLineLength(MAX_LINE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setMaxChunkSize(MAX_CHUNK)
                // A second protocol would bring a second set of limits.
                .setHttp2ClearTextEnabled(false)
                .setUseAlpn(false)
                .setDecompressionSupported(true)
                // For connections that say nothing at all before TLS or HTTP has begun, and for answers nobody reads.
                .setIdleTimeout(
                        (int) config.idleTimeout().plus(config.headerTimeout()).toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
        config.tlsConfiguration()
                .map(name -> tls.get(name)
                        .orElseThrow(() -> new IllegalArgumentException("lorica.gateway.tls-configuration names '"
                                + name + "', but there is no quarkus.tls." + name)))
                .map(TlsConfiguration::getKeyStoreOptions)
                .ifPresent(keys -> options.setSsl(true).setKeyCertOptions(keys));
        return options;
    }

    private void connected(HttpConnection connection) {
        int open = metrics.connectionOpens();
        CallerConnection caller = new CallerConnection(vertx, connection, config.headerTimeout(), config.keepAlive());
        connections.put(connection, caller);
        connection.closeHandler(closed -> {
            metrics.connectionCloses();
            connections.remove(connection);
            caller.closed();
        });
        if (open > config.maxConnections()) {
            connection.close();
        } else {
            caller.opened();
        }
    }

    private final class Listener extends AbstractVerticle {

        @Override
        public void start(Promise<Void> started) {
            Router router = door.router(connections);
            vertx.createHttpServer(options())
                    .connectionHandler(PublicServer.this::connected)
                    .invalidRequestHandler(invalid::answer)
                    .requestHandler(router)
                    .listen()
                    .onSuccess(server -> port.set(server.actualPort()))
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }
}
