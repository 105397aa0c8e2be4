package io.lorica.gateway.api;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.route.Upstream;
import io.lorica.gateway.upstream.Refusal;
import io.lorica.gateway.upstream.RefusedException;
import io.lorica.gateway.upstream.Upstreams;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The OpenAPI description of the whole public API, put together from those of the services. Thread-safe.
@Singleton
final class ApiDescription {

    private static final Logger LOG = Logger.getLogger(ApiDescription.class);
    private static final Duration KEPT = Duration.ofMinutes(5);
    private static final long RETRY_AFTER_SECONDS = 5;

    private final Upstreams upstreams;
    private final GatewayConfig config;
    private final ObjectMapper json;
    private @Nullable Future<Buffer> current;
    private long since;

    ApiDescription(Upstreams upstreams, GatewayConfig config, ObjectMapper json) {
        this.upstreams = upstreams;
        this.config = config;
        this.json = json;
    }

    /// The description as JSON; it is asked for anew every few minutes, or when the last answer was a failure.
    synchronized Future<Buffer> get() {
        boolean old = System.nanoTime() - since > KEPT.toNanos();
        if (current == null || current.failed() || (current.isComplete() && old)) {
            since = System.nanoTime();
            current = fetch();
        }
        return current;
    }

    private Future<Buffer> fetch() {
        List<Future<Buffer>> parts =
                Arrays.stream(Upstream.values()).map(this::part).toList();
        return Future.join(parts).map(done -> merge(parts));
    }

    private Future<Buffer> part(Upstream upstream) {
        return upstreams.description(upstream).recover(failure -> {
            LOG.warnf("service does not describe its API service=%s cause=%s", upstream.serviceName(), failure);
            return Future.failedFuture(new RefusedException(Refusal.later(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    RETRY_AFTER_SECONDS,
                    "The %s, which describes a part of the API, cannot be reached; try again later."
                            .formatted(upstream.serviceName()))));
        });
    }

    private Buffer merge(List<Future<Buffer>> parts) {
        try {
            List<ObjectNode> documents = new ArrayList<>();
            for (Future<Buffer> part : parts) {
                documents.add((ObjectNode) json.readTree(part.result().getBytes()));
            }
            ObjectNode merged = new ApiMerge(json, config.version()).of(documents);
            return Buffer.buffer(json.writeValueAsBytes(merged));
        } catch (IOException | ClassCastException e) {
            throw new IllegalStateException("A service's description of its API cannot be read", e);
        }
    }
}
