package io.lorica.gateway.api;

import java.util.concurrent.TimeUnit;

import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.upstream.HeaderRules;
import io.vertx.ext.web.RoutingContext;

/// Puts into every answer, errors included, the request's id, the organisation and the time it took.
final class AnswerHeaders {

    private final String organization;

    AnswerHeaders(GatewayConfig config) {
        this.organization = config.organization();
    }

    void note(RoutingContext call) {
        long start = System.nanoTime();
        RequestId id = RequestId.of(call.request().getHeader(HeaderRules.REQUEST_ID));
        call.put(HeaderRules.REQUEST_ID, id);
        call.response().putHeader(HeaderRules.REQUEST_ID, id.value());
        call.response().putHeader("openai-organization", organization);
        call.addHeadersEndHandler(done -> call.response()
                .putHeader(
                        "openai-processing-ms",
                        Long.toString(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start))));
    }
}
