package io.lorica.gateway.api;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.gateway.access.KeyRing;
import io.lorica.gateway.access.RateLimit;
import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.route.RouteTable;
import io.lorica.gateway.route.Upstream;
import io.lorica.gateway.upstream.ErrorBody;
import io.lorica.gateway.upstream.HeaderRules;
import io.lorica.gateway.upstream.Upstreams;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// Where every call comes in: `/v1` with a key, `/` without, and nothing else but the health and metrics of `/q`.
@Singleton
final class FrontDoor {

    private static final Logger LOG = Logger.getLogger(FrontDoor.class);
    private static final int TOO_LARGE = 413;

    private static final String TOO_LARGE_A_BODY =
            "The body is larger than this gateway passes on; split the file (lorica.gateway.max-body-size is the limit).";
    private static final String KEY_WANTED =
            "This call needs an API key: send it as 'Authorization: Bearer <key>' (LORICA_API_KEY holds it after ./lorica up).";
    private static final String KEY_UNKNOWN =
            "This API key is not known here: check the value after 'Authorization: Bearer', or ask for a new key.";

    private final RouteTable routes = RouteTable.published();
    private final GatewayConfig config;
    private final KeyRing keys;
    private final RateLimit rate;
    private final Upstreams upstreams;
    private final ErrorBody errors;

    FrontDoor(GatewayConfig config, Upstreams upstreams, ErrorBody errors) {
        this.config = config;
        this.keys = KeyRing.of(config);
        this.rate = new RateLimit(config.rate(), System::nanoTime);
        this.upstreams = upstreams;
        this.errors = errors;
    }

    void open(@Observes Router router) {
        router.get("/").handler(this::introduce);
        router.route("/v1/*").handler(this::admit).failureHandler(this::failed);
        router.route().last().handler(this::nowhere);
    }

    private void introduce(RoutingContext call) {
        call.json(new JsonObject()
                .put("name", "Lorica")
                .put("version", config.version())
                .put("documentation", config.documentation()));
    }

    private void admit(RoutingContext call) {
        String authorization = call.request().getHeader(HttpHeaders.AUTHORIZATION);
        Optional<String> caller = keys.caller(authorization);
        if (caller.isEmpty()) {
            refuse(call, ErrorCode.INVALID_API_KEY, authorization == null ? KEY_WANTED : KEY_UNKNOWN);
            return;
        }
        Duration wait = rate.take(caller.get());
        if (wait.isPositive()) {
            slowDown(call, wait);
            return;
        }
        String path = Objects.requireNonNullElse(call.request().path(), "");
        routes.upstreamOf(path).ifPresentOrElse(upstream -> forward(call, upstream, caller.get()), () -> nowhere(call));
    }

    private void forward(RoutingContext call, Upstream upstream, String caller) {
        HttpServerRequest request = call.request();
        if (announcedLength(request) > config.maxBodySize().asLongValue()) {
            answer(call, TOO_LARGE, ErrorCode.INVALID_REQUEST, TOO_LARGE_A_BODY);
            return;
        }
        HeaderRules.toService(request.headers(), caller, RequestId.of(call).value());
        upstreams.forward(upstream, request);
    }

    private void slowDown(RoutingContext call, Duration wait) {
        long seconds = wait.plusSeconds(1).minusNanos(1).toSeconds();
        call.response().putHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
        refuse(
                call,
                ErrorCode.RATE_LIMIT_EXCEEDED,
                "This key has used up its calls for now; try again in %d seconds.".formatted(seconds));
    }

    private void nowhere(RoutingContext call) {
        refuse(
                call,
                ErrorCode.ROUTE_NOT_FOUND,
                "There is nothing at %s; docs/api.md lists what is served."
                        .formatted(call.request().path()));
    }

    private void failed(RoutingContext call) {
        LOG.errorf(
                call.failure(),
                "request failed requestId=%s",
                RequestId.of(call).value());
        if (call.response().headWritten()) {
            call.response().reset();
            return;
        }
        refuse(
                call,
                ErrorCode.INTERNAL_ERROR,
                "Something failed inside Lorica; the gateway's log has the details under this request id.");
    }

    private void refuse(RoutingContext call, ErrorCode code, String message) {
        answer(call, code.kind().httpStatus(), code, message);
    }

    private void answer(RoutingContext call, int status, ErrorCode code, String message) {
        call.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, ErrorBody.MEDIA_TYPE)
                .end(errors.of(ErrorEnvelope.of(code, message, null)));
    }

    private static long announcedLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return length == null ? 0 : Long.parseLong(length);
    }
}
