package io.lorica.gateway.api;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.gateway.access.ByteBudget;
import io.lorica.gateway.access.CallLimit;
import io.lorica.gateway.access.KeyRing;
import io.lorica.gateway.access.RateLimit;
import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.observe.CallMetrics;
import io.lorica.gateway.observe.RefusalReason;
import io.lorica.gateway.route.Destination;
import io.lorica.gateway.route.RouteTable;
import io.lorica.gateway.route.Traffic;
import io.lorica.gateway.upstream.Durations;
import io.lorica.gateway.upstream.ErrorBody;
import io.lorica.gateway.upstream.Forwarding;
import io.lorica.gateway.upstream.HeaderRules;
import io.lorica.gateway.upstream.Refusal;
import io.lorica.gateway.upstream.RefusedException;
import io.lorica.gateway.upstream.RequestBody;
import io.lorica.gateway.upstream.Upstreams;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The place where every call comes in: `/v1` with a key, `/` and the description of the API without.
@Singleton
final class FrontDoor {

    private static final Logger LOG = Logger.getLogger(FrontDoor.class);
    private static final int FORBIDDEN = 403;
    private static final int NOT_ALLOWED = 405;
    private static final int UNSUPPORTED = 415;
    private static final int BAD_REQUEST = 400;
    private static final long BUSY_SECONDS = 5;

    private static final String KEY_WANTED =
            "This call needs an API key: send it as 'Authorization: Bearer <key>'. The key is the value of LORICA_API_KEY"
                    + " where the gateway was given one; ./lorica keeps its own in the file .lorica/api-key.";
    private static final String KEY_UNKNOWN =
            "This API key is not known here: check the value after 'Authorization: Bearer'. The key is the value of"
                    + " LORICA_API_KEY where the gateway was given one; ./lorica keeps its own in the file"
                    + " .lorica/api-key.";

    private static final Refusal UNREADABLE_BODY = Refusal.of(
            BAD_REQUEST,
            ErrorCode.INVALID_REQUEST,
            "The body broke off, or is not encoded as its headers say (Transfer-Encoding, Content-Encoding).");

    private final RouteTable routes = RouteTable.published();
    private final Map<Traffic, CallLimit> limits = new EnumMap<>(Traffic.class);
    private final Vertx vertx;
    private final GatewayConfig config;
    private final KeyRing keys;
    private final RateLimit rate;
    private final ByteBudget budget;
    private final Upstreams upstreams;
    private final ErrorBody errors;
    private final CallMetrics metrics;
    private final OpenCalls calls;
    private final ApiDescription description;

    FrontDoor(
            Vertx vertx,
            GatewayConfig config,
            Upstreams upstreams,
            ErrorBody errors,
            CallMetrics metrics,
            OpenCalls calls,
            ApiDescription description) {
        this.vertx = vertx;
        this.config = config;
        this.keys = KeyRing.of(config);
        this.rate = new RateLimit(config.rate(), System::nanoTime);
        this.budget = new ByteBudget(
                config.buffer().asLongValue(), config.bufferPerKey().asLongValue());
        this.upstreams = upstreams;
        this.errors = errors;
        this.metrics = metrics;
        this.calls = calls;
        this.description = description;
        limits.put(Traffic.ANSWERS, new CallLimit(config.callsPerKey()));
        limits.put(Traffic.TRANSFERS, new CallLimit(config.transfersPerKey()));
    }

    /// The routes, for one event loop.
    Router router(Map<HttpConnection, CallerConnection> connections) {
        Router router = Router.router(vertx);
        AnswerHeaders headers = new AnswerHeaders(config);
        router.route().handler(routing -> begin(routing, connections, headers));
        if (config.cors().enabled()) {
            router.route().handler(CrossOrigin.of(config.cors()));
        }
        router.route("/").method(HttpMethod.GET).method(HttpMethod.HEAD).handler(this::introduce);
        router.route("/openapi.json")
                .method(HttpMethod.GET)
                .method(HttpMethod.HEAD)
                .handler(this::describe);
        router.route("/v1/*").handler(this::admit);
        router.route().last().handler(this::nowhere);
        router.route().failureHandler(this::failed);
        return router;
    }

    private void begin(
            RoutingContext routing, Map<HttpConnection, CallerConnection> connections, AnswerHeaders headers) {
        headers.note(routing);
        Call call = Call.begin(routing, connections.get(routing.request().connection()), metrics, errors);
        OpenCalls.Phase phase = calls.phase();
        if (phase != OpenCalls.Phase.OPEN) {
            routing.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        if (phase == OpenCalls.Phase.CLOSED) {
            call.refuse(RefusalReason.STOPPING, Shutdown.refusal());
        } else if (!Percent.wellFormed(call.request().uri())) {
            call.refuse(
                    RefusalReason.MALFORMED,
                    Refusal.of(
                            BAD_REQUEST,
                            ErrorCode.INVALID_REQUEST,
                            "The address has a % that is not followed by two hexadecimal digits; write %25 for %."));
        } else {
            calls.add(call);
            routing.next();
        }
    }

    private void introduce(RoutingContext routing) {
        Call.of(routing).on("/");
        Buffer body = new JsonObject()
                .put("name", "Lorica")
                .put("version", config.version())
                .put("documentation", config.documentation())
                .toBuffer();
        json(routing, body);
    }

    private void describe(RoutingContext routing) {
        Call call = Call.of(routing);
        call.on("/openapi.json");
        description.get().onSuccess(body -> json(routing, body)).onFailure(failure -> {
            if (failure instanceof RefusedException refused) {
                call.answer(refused.refusal());
            } else {
                routing.fail(failure);
            }
        });
    }

    private void admit(RoutingContext routing) {
        Call call = Call.of(routing);
        HttpServerRequest request = call.request();
        String authorization = request.getHeader(HttpHeaders.AUTHORIZATION);
        Optional<String> caller = keys.caller(authorization);
        Optional<Destination> destination = routes.find(Objects.requireNonNullElse(request.path(), ""));
        destination.ifPresent(found -> call.on(found.template()));
        if (caller.isEmpty()) {
            call.refuse(
                    RefusalReason.KEY,
                    Refusal.of(ErrorCode.INVALID_API_KEY, authorization == null ? KEY_WANTED : KEY_UNKNOWN));
            return;
        }
        Duration wait = rate.take(caller.get());
        if (wait.isPositive()) {
            call.refuse(
                    RefusalReason.RATE,
                    Refusal.later(
                            ErrorCode.RATE_LIMIT_EXCEEDED,
                            Durations.seconds(wait),
                            "This key has used up its calls for now; try again in %s."
                                    .formatted(Durations.words(wait))));
            return;
        }
        destination.ifPresentOrElse(found -> enter(call, found, caller.get()), () -> nowhere(routing));
    }

    private void enter(Call call, Destination destination, String caller) {
        if (!CallMetrics.METHODS.contains(call.request().method().name())) {
            // The services count calls by method; made-up ones do not reach them.
            call.refuse(
                    RefusalReason.METHOD,
                    Refusal.of(NOT_ALLOWED, ErrorCode.INVALID_REQUEST, "This address does not take that HTTP method."));
            return;
        }
        Traffic traffic = destination.traffic(call.request().method().name());
        CallLimit limit = Objects.requireNonNull(limits.get(traffic));
        if (!limit.enter(caller)) {
            call.refuse(
                    RefusalReason.CALLS_PER_KEY,
                    Refusal.later(
                            ErrorCode.RATE_LIMIT_EXCEEDED,
                            BUSY_SECONDS,
                            "This key has %d calls of this sort open, which is as many as it may have at once; try again"
                                            .formatted(limit.max())
                                    + " when one has ended."));
            return;
        }
        call.atEnd(() -> limit.leave(caller));
        Optional<Refusal> refusal = unreadable(call.request(), traffic);
        if (refusal.isPresent()) {
            call.refuse(
                    refusal.get().status() == UNSUPPORTED ? RefusalReason.ENCODING : RefusalReason.BODY, refusal.get());
            return;
        }
        pass(call, destination, traffic, caller);
    }

    private void pass(Call call, Destination destination, Traffic traffic, String caller) {
        HttpServerRequest request = call.request();
        boolean continued = request.headers().contains(HttpHeaders.EXPECT);
        HeaderRules.toService(request.headers(), caller, keys.shared(), call.requestId());
        if (!hasBody(request)) {
            forward(call, destination, traffic, null, null);
            return;
        }
        RequestBody body = new RequestBody(request, vertx, bounds(traffic));
        call.reads(body);
        if (continued) {
            call.response().writeContinue();
        }
        if (traffic == Traffic.TRANSFERS) {
            forward(call, destination, traffic, null, body);
            return;
        }
        BodyReader reader = new BodyReader(budget, caller, body);
        call.atEnd(reader::release);
        reader.read()
                .onSuccess(content -> forward(call, destination, traffic, content, null))
                .onFailure(failure -> {
                    if (failure instanceof RefusedException refused) {
                        call.refuse(RefusalReason.BODY, refused.refusal());
                    } else {
                        call.refuse(RefusalReason.MALFORMED, UNREADABLE_BODY);
                    }
                });
    }

    private void forward(
            Call call,
            Destination destination,
            Traffic traffic,
            @Nullable Buffer content,
            @Nullable RequestBody upload) {
        Forwarding forwarding =
                upstreams.forward(destination.upstream(), traffic, call.request(), content, upload, call::streams);
        call.forwards(forwarding);
        forwarding.start();
    }

    private Optional<Refusal> unreadable(HttpServerRequest request, Traffic traffic) {
        String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
        // Bodies in gzip and deflate are inflated by now, and their header is gone.
        if (encoding != null && !encoding.isBlank() && !encoding.strip().equalsIgnoreCase("identity")) {
            return Optional.of(Refusal.of(
                    UNSUPPORTED,
                    ErrorCode.INVALID_REQUEST,
                    "A body in that Content-Encoding is not read; send it plain, or in gzip or deflate."));
        }
        RequestBody.Bounds bounds = bounds(traffic);
        return announcedLength(request) > bounds.maxBytes()
                ? Optional.of(Refusal.tooLarge(bounds.maxBytes(), bounds.key()))
                : Optional.empty();
    }

    private RequestBody.Bounds bounds(Traffic traffic) {
        Duration window = config.bodyTimeout();
        long progress = config.bodyProgress().asLongValue();
        return switch (traffic) {
            case ANSWERS ->
                new RequestBody.Bounds(
                        config.maxJsonSize().asLongValue(), "lorica.gateway.max-json-size", window, progress);
            case TRANSFERS ->
                new RequestBody.Bounds(
                        config.maxBodySize().asLongValue(), "lorica.gateway.max-body-size", window, progress);
        };
    }

    private void nowhere(RoutingContext routing) {
        Call.of(routing)
                .refuse(
                        RefusalReason.ROUTE,
                        Refusal.of(
                                ErrorCode.ROUTE_NOT_FOUND,
                                "There is nothing at %s; docs/api.md lists what is served."
                                        .formatted(routing.request().path())));
    }

    private void failed(RoutingContext routing) {
        Call call = Call.of(routing);
        if (routing.statusCode() == FORBIDDEN) {
            call.refuse(
                    RefusalReason.ORIGIN,
                    Refusal.of(
                            FORBIDDEN,
                            ErrorCode.INVALID_REQUEST,
                            "Web pages of this origin may not call; lorica.gateway.cors.origins lists those that may."));
            return;
        }
        LOG.errorf(routing.failure(), "request failed requestId=%s", call.requestId());
        call.answer(Refusal.of(
                ErrorCode.INTERNAL_ERROR,
                "Something failed inside Lorica; the gateway's log has the details under this request id."));
    }

    private static void json(RoutingContext routing, Buffer body) {
        routing.response()
                .putHeader(HttpHeaders.CONTENT_TYPE, ErrorBody.MEDIA_TYPE)
                .putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
        if (routing.request().method().equals(HttpMethod.HEAD)) {
            routing.response().end();
        } else {
            routing.response().end(body);
        }
    }

    private static boolean hasBody(HttpServerRequest request) {
        return announcedLength(request) > 0 || request.headers().contains(HttpHeaders.TRANSFER_ENCODING);
    }

    private static long announcedLength(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }
}
