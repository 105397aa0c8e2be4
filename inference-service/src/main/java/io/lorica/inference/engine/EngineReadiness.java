package io.lorica.inference.engine;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready to chat while the engine lives and the service is not told to end.
@Readiness
@ApplicationScoped
class EngineReadiness implements HealthCheck {

    private final EngineThread engine;

    EngineReadiness(EngineThread engine) {
        this.engine = engine;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("chat")
                .status(engine.alive() && !engine.draining())
                .withData("state", state())
                .withData("models in memory", engine.loadedModels().size())
                .build();
    }

    private String state() {
        if (!engine.alive()) {
            return "the engine has ended";
        }
        return engine.draining() ? "the service ends; answers in progress go on" : "questions are answered";
    }
}
