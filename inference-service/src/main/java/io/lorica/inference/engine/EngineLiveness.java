package io.lorica.inference.engine;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;

/// Alive while questions are answered; a service whose engine has broken down wants to be started again.
@Liveness
@ApplicationScoped
class EngineLiveness implements HealthCheck {

    private final EngineThread engine;

    EngineLiveness(EngineThread engine) {
        this.engine = engine;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("engine").status(engine.alive()).build();
    }
}
