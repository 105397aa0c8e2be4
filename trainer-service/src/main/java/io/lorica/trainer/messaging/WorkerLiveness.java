package io.lorica.trainer.messaging;

import java.util.Locale;

import io.lorica.trainer.execution.WorkerHealth;
import io.lorica.trainer.execution.WorkerState;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;

/// Alive while the worker's thread lets go of its jobs; a stuck one wants its process to be started again.
@Liveness
@ApplicationScoped
class WorkerLiveness implements HealthCheck {

    private final WorkerHealth health;
    private final TrainingWorker worker;

    WorkerLiveness(WorkerHealth health, TrainingWorker worker) {
        this.health = health;
        this.worker = worker;
    }

    @Override
    public HealthCheckResponse call() {
        WorkerState state = health.state();
        HealthCheckResponseBuilder answer = HealthCheckResponse.named("worker")
                .status(state != WorkerState.STUCK && worker.alive())
                .withData("state", worker.alive() ? state.name().toLowerCase(Locale.ROOT) : "ended");
        String sentence = health.sentence();
        return (sentence.isEmpty() ? answer : answer.withData("reason", sentence)).build();
    }
}
