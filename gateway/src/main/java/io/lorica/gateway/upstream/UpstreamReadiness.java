package io.lorica.gateway.upstream;

import java.util.Arrays;
import java.util.List;

import io.lorica.gateway.route.Upstream;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import jakarta.inject.Singleton;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/// Says how the services are. Always up: a gateway without a service still answers, for the others and with an
/// envelope.
@Readiness
@Singleton
public final class UpstreamReadiness implements AsyncHealthCheck {

    private final Upstreams upstreams;

    UpstreamReadiness(Upstreams upstreams) {
        this.upstreams = upstreams;
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        List<Future<String>> states =
                Arrays.stream(Upstream.values()).map(upstreams::state).toList();
        return Uni.createFrom()
                .completionStage(Future.all(states)
                        .map(done ->
                                response(states.stream().map(Future::result).toList()))
                        .toCompletionStage());
    }

    private static HealthCheckResponse response(List<String> states) {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("services").up();
        for (Upstream upstream : Upstream.values()) {
            response.withData(upstream.serviceName(), states.get(upstream.ordinal()));
        }
        return response.build();
    }
}
