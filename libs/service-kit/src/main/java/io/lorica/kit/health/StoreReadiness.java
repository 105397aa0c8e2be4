package io.lorica.kit.health;

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

/// Ready while the store answers.
@Readiness
@Blocking
@ApplicationScoped
class StoreReadiness implements HealthCheck {

    private static final ObjectKey PROBE = ObjectKey.of("health", "probe");

    private final StoreConfig config;
    private final ObjectStore store;

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
            return response.up().build();
        } catch (ProductException e) {
            return response.down().withData("problem", e.detail()).build();
        }
    }
}
