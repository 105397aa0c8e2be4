package io.lorica.inference.messaging;

import io.lorica.kit.health.Abilities;
import io.lorica.kit.health.StartWait;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready once all that was told of models has been read from Kafka, or after some time without it: models can be asked
/// by name before they are listed.
@Readiness
@ApplicationScoped
class NewsReadiness implements HealthCheck {

    private final AdapterNews news;
    private final StartWait start;

    NewsReadiness(AdapterNews news, Abilities abilities) {
        this.news = news;
        this.start = new StartWait(abilities.startPatience());
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("models")
                .status(start.over(news.caughtUp()))
                .withData(
                        "state",
                        news.caughtUp()
                                ? "all models are known"
                                : "still reading of models from Kafka; their list is refused until then")
                .build();
    }
}
