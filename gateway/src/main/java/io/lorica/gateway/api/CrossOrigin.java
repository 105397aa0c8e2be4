package io.lorica.gateway.api;

import java.util.List;
import java.util.Set;

import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.upstream.HeaderRules;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.handler.CorsHandler;

/// The rule by which web pages of other origins may call.
final class CrossOrigin {

    private CrossOrigin() {}

    static CorsHandler of(GatewayConfig.Cors config) {
        List<String> origins = config.origins().orElse(List.of());
        CorsHandler cors = CorsHandler.create()
                .allowedMethods(Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.POST, HttpMethod.DELETE))
                .exposedHeaders(Set.of(HeaderRules.REQUEST_ID, "openai-processing-ms", "retry-after"));
        for (String origin : origins) {
            if (origin.length() > 2 && origin.startsWith("/") && origin.endsWith("/")) {
                cors.addOriginWithRegex(origin.substring(1, origin.length() - 1));
            } else if (!origin.equals("*")) {
                cors.addOrigin(origin);
            } else {
                cors.addOriginWithRegex(".*");
            }
        }
        return cors;
    }
}
