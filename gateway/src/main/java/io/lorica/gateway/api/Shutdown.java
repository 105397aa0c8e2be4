package io.lorica.gateway.api;

import java.util.concurrent.atomic.AtomicBoolean;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.upstream.Refusal;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;

/// Stops the gateway without cutting answers: it says that it is no longer ready and goes on for a delay, so that
/// nobody
/// sends new calls; then it refuses new ones and lets the others end within a grace; then it ends what is left with an
/// error.
@Readiness
@Singleton
final class Shutdown implements HealthCheck {

    private static final Logger LOG = Logger.getLogger(Shutdown.class);
    private static final long RETRY_AFTER_SECONDS = 2;

    private final GatewayConfig.Shutdown config;
    private final OpenCalls calls;
    private final PublicServer server;
    private final AtomicBoolean drained = new AtomicBoolean();

    Shutdown(GatewayConfig config, OpenCalls calls, PublicServer server) {
        this.config = config.shutdown();
        this.calls = calls;
        this.server = server;
    }

    /// Down as soon as the gateway is asked to stop.
    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("accepts calls")
                .status(calls.phase() == OpenCalls.Phase.OPEN)
                .build();
    }

    static Refusal refusal() {
        return Refusal.later(
                ErrorCode.SERVICE_UNAVAILABLE, RETRY_AFTER_SECONDS, "This gateway is stopping; send the call again.");
    }

    /// Comes while health can still be asked.
    void drain(@Observes ShutdownDelayInitiatedEvent event) throws InterruptedException {
        drain();
    }

    /// Comes alone where the process ends because it could not start.
    void stop(@Observes ShutdownEvent event) throws InterruptedException {
        drain();
        server.close();
    }

    private void drain() throws InterruptedException {
        if (drained.getAndSet(true)) {
            return;
        }
        calls.enter(OpenCalls.Phase.LEAVING);
        if (config.delay().isPositive()) {
            LOG.infof("stopping, calls are served for now delay=%s open=%d", config.delay(), calls.count());
            Thread.sleep(config.delay());
        }
        calls.enter(OpenCalls.Phase.CLOSED);
        if (!calls.awaitNone(config.grace())) {
            LOG.warnf("calls did not end in time and are broken off grace=%s open=%d", config.grace(), calls.count());
            calls.breakOff(Refusal.later(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    RETRY_AFTER_SECONDS,
                    "This gateway has stopped before the answer was whole; send the call again."));
            calls.awaitNone(config.ending());
        }
    }
}
