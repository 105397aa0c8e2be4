package io.lorica.gateway.upstream;

import java.time.Duration;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import io.lorica.gateway.route.Upstream;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyOptions;
import io.vertx.httpproxy.ProxyResponse;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// The way to one service. Bodies stream both ways under back-pressure; a client that goes away resets the call to the
/// service, a service that goes away in mid-answer resets the client. Thread-safe.
final class UpstreamProxy implements ProxyInterceptor {

    private static final Logger LOG = Logger.getLogger(UpstreamProxy.class);
    private static final int FIRST_ERROR = 400;
    private static final int FIRST_SERVER_ERROR = 500;
    private static final String RETRY_AFTER_SECONDS = "2";

    private final Upstream upstream;
    private final UpstreamAddress address;
    private final Duration idleTimeout;
    private final ErrorBody errors;
    private final HttpProxy proxy;

    UpstreamProxy(
            Upstream upstream, UpstreamAddress address, HttpClient client, Duration idleTimeout, ErrorBody errors) {
        this.upstream = upstream;
        this.address = address;
        this.idleTimeout = idleTimeout;
        this.errors = errors;
        this.proxy = HttpProxy.reverseProxy(new ProxyOptions().setSupportWebSocket(false), client)
                .origin(this::connect)
                .addInterceptor(this);
    }

    /// Passes a request on. Its headers are already those for the service.
    void forward(HttpServerRequest request) {
        proxy.handle(request);
    }

    @Override
    public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
        return context.sendRequest().recover(failure -> Future.succeededFuture(unavailable(context, failure)));
    }

    @Override
    public Future<Void> handleProxyResponse(ProxyContext context) {
        ProxyResponse response = context.response();
        HeaderRules.toClient(response.headers());
        if (response.getStatusCode() >= FIRST_ERROR
                && !isJson(response.headers().get(HttpHeaders.CONTENT_TYPE))) {
            wrap(response);
        }
        return context.sendResponse();
    }

    /// Opens a connection, at the second attempt if the first is refused: nothing has been sent by then.
    private Future<HttpClientRequest> connect(ProxyContext context) {
        RequestOptions options = address.request();
        return context.client()
                .request(options)
                .recover(refused -> context.client().request(options));
    }

    private ProxyResponse unavailable(ProxyContext context, Throwable failure) {
        // A client that has hung up resets the call, which then fails here though the service is well.
        boolean abandoned = context.request().proxiedRequest().response().closed();
        LOG.logf(
                abandoned ? Logger.Level.DEBUG : Logger.Level.WARN,
                "service does not answer service=%s address=%s cause=%s",
                upstream.serviceName(),
                address,
                failure);
        String message = failure instanceof HttpClosedException
                ? "The %s closed the connection, or was silent for %d seconds; try again later."
                        .formatted(upstream.serviceName(), idleTimeout.toSeconds())
                : "The %s at %s cannot be reached; check that it runs, then try again."
                        .formatted(upstream.serviceName(), address);
        return context.request()
                .release()
                .response()
                .setStatusCode(ErrorCode.SERVICE_UNAVAILABLE.kind().httpStatus())
                .putHeader(HttpHeaders.CONTENT_TYPE, ErrorBody.MEDIA_TYPE)
                .putHeader(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SECONDS)
                .setBody(Body.body(errors.of(ErrorEnvelope.of(ErrorCode.SERVICE_UNAVAILABLE, message, null))));
    }

    /// Puts an answer that is an error but no envelope into one; the status stays.
    private void wrap(ProxyResponse response) {
        int status = response.getStatusCode();
        ErrorCode code = status >= FIRST_SERVER_ERROR ? ErrorCode.INTERNAL_ERROR : ErrorCode.INVALID_REQUEST;
        String message =
                "The %s refused the call with status %d and no further word; its log has the details under this request id."
                        .formatted(upstream.serviceName(), status);
        response.release()
                .putHeader(HttpHeaders.CONTENT_TYPE, ErrorBody.MEDIA_TYPE)
                .setBody(Body.body(errors.of(ErrorEnvelope.of(code, message, null))));
    }

    private static boolean isJson(@Nullable String mediaType) {
        return mediaType != null && mediaType.startsWith(ErrorBody.MEDIA_TYPE);
    }
}
