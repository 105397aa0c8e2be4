package io.lorica.kit.health;

import java.util.concurrent.atomic.AtomicBoolean;

import io.lorica.contracts.error.ProductException;
import io.lorica.kit.store.StoreConfig;
import io.lorica.storage.ObjectKey;
import io.lorica.storage.ObjectStore;
import io.smallrye.common.annotation.Blocking;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/// Ready while the store answers.
@Readiness
@Blocking
@ApplicationScoped
class StoreReadiness implements HealthCheck {

    private static final Logger LOG = Logger.getLogger(StoreReadiness.class);
    private static final ObjectKey PROBE = ObjectKey.of("health", "probe");

    private final StoreConfig config;
    private final ObjectStore store;
    // Whoever asks whether the service is ready does so every few seconds; the log is told once.
    private final AtomicBoolean away = new AtomicBoolean();

    StoreReadiness(StoreConfig config, ObjectStore store) {
        this.config = config;
        this.store = store;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("store")
                .withData("address", config.endpoint().toString());
        try {
            store.stat(PROBE);
            if (away.getAndSet(false)) {
                LOG.infof("the store is back address=%s", config.endpoint());
            }
            return response.up().build();
        } catch (ProductException e) {
            if (!away.getAndSet(true)) {
                LOG.warnf("the store cannot be used, will try again address=%s: %s", config.endpoint(), e.detail());
            }
            return response.down().withData("problem", e.detail()).build();
        }
    }
}
