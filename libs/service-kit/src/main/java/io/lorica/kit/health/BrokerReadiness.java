package io.lorica.kit.health;

import java.util.Optional;

import io.lorica.kit.event.BrokerConfig;
import io.lorica.kit.event.BrokerWatch;
import io.lorica.kit.event.TopicCreation;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/// Ready once the broker has the topics, and from then on even while it is away. Tells how the broker is, and
/// what does not work meanwhile.
@Readiness
@ApplicationScoped
class BrokerReadiness implements HealthCheck {

    private final BrokerConfig broker;
    private final TopicCreation creation;
    private final BrokerWatch watch;
    private final Abilities abilities;
    private final StartWait start;

    BrokerReadiness(BrokerConfig broker, TopicCreation creation, BrokerWatch watch, Abilities abilities) {
        this.broker = broker;
        this.creation = creation;
        this.watch = watch;
        this.abilities = abilities;
        this.start = new StartWait(abilities.startPatience());
    }

    @Override
    public HealthCheckResponse call() {
        Optional<String> problem = creation.problem()
                .or(() -> watch.away() ? Optional.of("the broker has not answered lately") : Optional.empty());
        HealthCheckResponseBuilder response = HealthCheckResponse.named("kafka")
                .status(start.over(creation.problem().isEmpty()))
                .withData("address", broker.servers())
                .withData("state", problem.isEmpty() ? "here" : "away");
        problem.ifPresent(reason -> response.withData("problem", reason).withData("needs", abilities.ofBroker()));
        return response.build();
    }
}
