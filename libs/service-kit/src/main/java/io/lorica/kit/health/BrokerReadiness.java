package io.lorica.kit.health;

import io.lorica.kit.event.BrokerConfig;
import io.lorica.kit.event.TopicCreation;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/// Ready once the broker has the topics.
@Readiness
@ApplicationScoped
class BrokerReadiness implements HealthCheck {

    private final BrokerConfig broker;
    private final TopicCreation creation;

    BrokerReadiness(BrokerConfig broker, TopicCreation creation) {
        this.broker = broker;
        this.creation = creation;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("kafka").withData("address", broker.servers());
        return creation.problem()
                .map(problem -> response.down().withData("problem", problem).build())
                .orElseGet(() -> response.up().build());
    }
}
