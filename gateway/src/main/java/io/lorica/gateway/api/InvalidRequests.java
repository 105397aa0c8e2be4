package io.lorica.gateway.api;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.gateway.config.GatewayConfig;
import io.lorica.gateway.observe.CallMetrics;
import io.lorica.gateway.observe.RefusalReason;
import io.lorica.gateway.route.RouteTable;
import io.lorica.gateway.upstream.ErrorBody;
import io.lorica.gateway.upstream.HeaderRules;
import io.lorica.gateway.upstream.Refusal;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// Answers what is no HTTP request that can be read, and closes the connection.
@Singleton
final class InvalidRequests {

    private static final int URI_TOO_LONG = 414;
    private static final int HEADERS_TOO_LARGE = 431;
    private static final int BAD_REQUEST = 400;

    private final GatewayConfig config;
    private final ErrorBody errors;
    private final CallMetrics metrics;

    InvalidRequests(GatewayConfig config, ErrorBody errors, CallMetrics metrics) {
        this.config = config;
        this.errors = errors;
        this.metrics = metrics;
    }

    void answer(HttpServerRequest request) {
        Refusal refusal = refusal(request.decoderResult().cause());
        metrics.refused(RefusalReason.MALFORMED);
        metrics.callBegins();
        metrics.callEnds(RouteTable.UNKNOWN, "other", refusal.status(), 0);
        request.response()
                .putHeader(
                        HeaderRules.REQUEST_ID,
                        RequestId.of(request.getHeader(HeaderRules.REQUEST_ID)).value())
                .putHeader("openai-organization", config.organization())
                .putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        request.response().endHandler(done -> request.connection().close());
        refusal.send(request.response(), errors);
    }

    private Refusal refusal(@Nullable Throwable cause) {
        return switch (cause) {
            case TooLongHttpLineException _ ->
                Refusal.of(
                        URI_TOO_LONG,
                        ErrorCode.INVALID_REQUEST,
                        "The address is longer than %d characters; shorten it.".formatted(PublicServer.MAX_LINE));
            case TooLongHttpHeaderException _ ->
                Refusal.of(
                        HEADERS_TOO_LARGE,
                        ErrorCode.INVALID_REQUEST,
                        "The headers are larger than %d bytes; send fewer or shorter ones."
                                .formatted(PublicServer.MAX_HEADERS));
            case null, default ->
                Refusal.of(BAD_REQUEST, ErrorCode.INVALID_REQUEST, "This is no HTTP/1.1 request that can be read.");
        };
    }
}
