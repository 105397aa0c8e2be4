package io.lorica.gateway.api;

import java.util.concurrent.TimeUnit;

import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.upstream.HeaderRules;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

/// What every answer carries, errors included: the request's id, the organisation, the time it took.
@Singleton
final class AnswerHeaders {

    // Before CORS and everything else that may answer, so that nothing goes out without an id.
    private static final int FIRST = 1000;

    private final String organization;

    AnswerHeaders(GatewayConfig config) {
        this.organization = config.organization();
    }

    void register(@Observes Filters filters) {
        filters.register(this::note, FIRST);
    }

    private void note(RoutingContext call) {
        long start = System.nanoTime();
        RequestId id = RequestId.of(call.request().getHeader(HeaderRules.REQUEST_ID));
        call.put(HeaderRules.REQUEST_ID, id);
        call.response().putHeader(HeaderRules.REQUEST_ID, id.value());
        call.response().putHeader("openai-organization", organization);
        call.addHeadersEndHandler(done -> call.response()
                .putHeader(
                        "openai-processing-ms",
                        Long.toString(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))));
        call.next();
    }
}
