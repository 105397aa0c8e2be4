package io.lorica.inference.messaging;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready once all that was told of models has been read from Kafka.
@Readiness
@ApplicationScoped
class NewsReadiness implements HealthCheck {

    private final AdapterNews news;

    NewsReadiness(AdapterNews news) {
        this.news = news;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("models")
                .status(news.caughtUp())
                .withData("state", news.caughtUp() ? "all models are known" : "still reading of models from Kafka")
                .build();
    }
}
