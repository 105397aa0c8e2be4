package io.lorica.trainer.journal;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;

/// Ready once the jobs have been read from Kafka.
@Readiness
@ApplicationScoped
class JournalReadiness implements HealthCheck {

    private final JournalReader reader;

    JournalReadiness(JournalReader reader) {
        this.reader = reader;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("jobs")
                .status(reader.caughtUp())
                .withData("state", reader.caughtUp() ? "all jobs are known" : "still reading jobs from Kafka")
                .build();
    }
}
