package io.lorica.kit.health;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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

/// Ready once the store has answered, and from then on even while it is away: only what needs it fails. Tells how the
/// store is, and what does not work meanwhile. A store that hangs does not hold up the answer.
@Readiness
@Blocking
@ApplicationScoped
class StoreReadiness implements HealthCheck {

    private static final Logger LOG = Logger.getLogger(StoreReadiness.class);
    private static final ObjectKey PROBE = ObjectKey.of("health", "probe");
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Executor PROBES = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("store-probe").factory());

    private final StoreConfig config;
    private final ObjectStore store;
    private final Abilities abilities;
    private final StartWait start;
    // Whoever asks whether the service is ready does so every few seconds; the log is told once.
    private final AtomicBoolean away = new AtomicBoolean();
    private CompletableFuture<Optional<String>> probe = CompletableFuture.completedFuture(Optional.empty());

    StoreReadiness(StoreConfig config, ObjectStore store, Abilities abilities) {
        this.config = config;
        this.store = store;
        this.abilities = abilities;
        this.start = new StartWait(abilities.startPatience());
    }

    @Override
    public HealthCheckResponse call() {
        Optional<String> problem = problem();
        note(problem);
        HealthCheckResponseBuilder response = HealthCheckResponse.named("store")
                .status(start.over(problem.isEmpty()))
                .withData("address", config.endpoint().toString())
                .withData("state", problem.isEmpty() ? "here" : "away");
        problem.ifPresent(reason -> response.withData("problem", reason).withData("needs", abilities.ofStore()));
        return response.build();
    }

    // One probe at a time, however many ask while the store hangs.
    private synchronized CompletableFuture<Optional<String>> probe() {
        if (probe.isDone()) {
            probe = CompletableFuture.supplyAsync(this::ask, PROBES);
        }
        return probe;
    }

    private Optional<String> problem() {
        try {
            return probe().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return Optional.of("it has not answered for a second");
        } catch (ExecutionException e) {
            return Optional.of(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.of("the service ends");
        }
    }

    private Optional<String> ask() {
        try {
            store.stat(PROBE);
            return Optional.empty();
        } catch (ProductException e) {
            return Optional.of(e.detail());
        }
    }

    private void note(Optional<String> problem) {
        if (problem.isEmpty() && away.getAndSet(false)) {
            LOG.infof("the store is back address=%s", config.endpoint());
        } else if (problem.isPresent() && !away.getAndSet(true)) {
            LOG.warnf("the store cannot be used, will try again address=%s: %s", config.endpoint(), problem.get());
        }
    }
}
