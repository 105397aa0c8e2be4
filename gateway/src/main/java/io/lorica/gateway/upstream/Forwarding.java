package io.lorica.gateway.upstream;

import java.net.ConnectException;
import java.util.concurrent.TimeoutException;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ErrorEnvelope;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.httpproxy.Body;
import io.vertx.httpproxy.HttpProxy;
import io.vertx.httpproxy.ProxyContext;
import io.vertx.httpproxy.ProxyInterceptor;
import io.vertx.httpproxy.ProxyOptions;
import io.vertx.httpproxy.ProxyResponse;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/// One call on its way to a service and back. Bodies stream both ways under back-pressure; a client that goes away
/// resets the call to the service, a service that goes away in mid-answer ends a stream of events with an error and
/// resets the client otherwise. Confined to the request's event loop.
public final class Forwarding implements ProxyInterceptor {

    private static final Logger LOG = Logger.getLogger(Forwarding.class);
    private static final int FIRST_ERROR = 400;
    private static final int TOO_LARGE = 413;
    private static final int FIRST_SERVER_ERROR = 500;
    private static final int RETRY_AFTER_SECONDS = 2;
    private static final int BUSY_SECONDS = 5;
    private static final String EVENTS = "text/event-stream";

    private final UpstreamPool pool;
    private final HttpServerRequest request;
    private final @Nullable Buffer content;
    private final @Nullable RequestBody upload;
    private final ErrorBody errors;
    private final Runnable streamBegins;
    private @Nullable HttpClientRequest outward;
    private @Nullable EventFrames events;
    private boolean released;

    Forwarding(
            UpstreamPool pool,
            HttpServerRequest request,
            @Nullable Buffer content,
            @Nullable RequestBody upload,
            ErrorBody errors,
            Runnable streamBegins) {
        this.pool = pool;
        this.request = request;
        this.content = content;
        this.upload = upload;
        this.errors = errors;
        this.streamBegins = streamBegins;
    }

    /// Passes the request on. Its headers are already those for the service.
    public void start() {
        HttpProxy.reverseProxy(new ProxyOptions().setSupportWebSocket(false), pool.client())
                .origin(context -> connect())
                .addInterceptor(this)
                .handle(request);
    }

    /// Ends the call before its time: with the refusal where nothing has gone out, with an error as the last event of a
    /// stream, else by a reset.
    public void breakOff(Refusal refusal) {
        if (events != null) {
            events.breakOff(refusal.envelope());
            resetOutward();
        } else if (!request.response().headWritten()) {
            refusal.send(request.response(), errors);
            resetOutward();
        } else {
            request.connection().close();
        }
    }

    /// Gives the connection back; called when the call is over.
    public void release() {
        if (outward != null && !released) {
            released = true;
            pool.release();
        }
    }

    @Override
    public Future<ProxyResponse> handleProxyRequest(ProxyContext context) {
        if (content != null) {
            context.request().setBody(Body.body(content));
        } else if (upload != null) {
            context.request()
                    .setBody(Body.body(upload, context.request().getBody().length()));
        }
        return context.sendRequest().recover(failure -> Future.succeededFuture(failed(context, failure)));
    }

    @Override
    public Future<Void> handleProxyResponse(ProxyContext context) {
        ProxyResponse response = context.response();
        HeaderRules.toClient(response.headers());
        int status = response.getStatusCode();
        if (upload != null && !upload.over()) {
            // What is still to come of the body is not read.
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        if (status >= FIRST_ERROR && !isJson(response.headers().get(HttpHeaders.CONTENT_TYPE))) {
            wrap(response);
        } else if (String.valueOf(response.headers().get(HttpHeaders.CONTENT_TYPE))
                .startsWith(EVENTS)) {
            frame(response);
        }
        if (status == TOO_LARGE) {
            response.putHeader(HeaderRules.SHOULD_RETRY, "false");
        }
        return context.sendResponse();
    }

    private void frame(ProxyResponse response) {
        events = new EventFrames(response.getBody().stream(), this::brokenOff, errors);
        response.setBody(Body.body(events));
        streamBegins.run();
    }

    private Future<HttpClientRequest> connect() {
        return pool.request().onSuccess(connected -> {
            outward = connected;
            // A failure is told where the answer is awaited; without a handler it would be logged, too.
            connected.exceptionHandler(failure -> {});
            if (request.response().closed() || request.response().ended()) {
                release();
            }
        });
    }

    private void resetOutward() {
        if (outward != null) {
            outward.reset();
        }
    }

    private ErrorEnvelope brokenOff() {
        return ErrorEnvelope.of(
                ErrorCode.SERVICE_UNAVAILABLE,
                "The %s broke off in the middle of this answer; ask again."
                        .formatted(pool.upstream().serviceName()),
                null);
    }

    private ProxyResponse failed(ProxyContext context, Throwable failure) {
        RefusedException refused = upload == null ? null : upload.refused();
        Refusal refusal = refused == null ? unavailable(failure) : refused.refusal();
        ProxyResponse response = context.request().release().response();
        if (refusal.retryAfter() > 0) {
            response.putHeader(HttpHeaders.RETRY_AFTER, Long.toString(refusal.retryAfter()));
        }
        return response.setStatusCode(refusal.status())
                .putHeader(HttpHeaders.CONTENT_TYPE, ErrorBody.MEDIA_TYPE)
                .setBody(Body.body(errors.of(refusal.envelope())));
    }

    private Refusal unavailable(Throwable failure) {
        String name = pool.upstream().serviceName();
        boolean busy = failure instanceof TimeoutException && pool.exhausted();
        // A client that has hung up resets the call, which then fails here though the service is well.
        LOG.logf(
                request.response().closed() ? Logger.Level.DEBUG : Logger.Level.WARN,
                "service does not answer service=%s address=%s cause=%s",
                name,
                pool.address(),
                busy ? "all connections are in use" : failure);
        if (busy) {
            return Refusal.later(
                    ErrorCode.SERVICE_UNAVAILABLE,
                    BUSY_SECONDS,
                    "The %s has as many calls as the gateway passes on at once, and none ended within %s; try again later."
                            .formatted(name, Durations.words(pool.bounds().patience())));
        }
        return Refusal.later(
                ErrorCode.SERVICE_UNAVAILABLE,
                RETRY_AFTER_SECONDS,
                failure instanceof HttpClosedException && !(failure instanceof ConnectException)
                        ? "The %s closed the connection, or was silent for %s; try again later."
                                .formatted(name, Durations.words(pool.bounds().idle()))
                        : "The %s at %s cannot be reached; check that it runs, then try again."
                                .formatted(name, pool.address()));
    }

    /// Puts an answer that is an error but no envelope into one; the status stays.
    private void wrap(ProxyResponse response) {
        int status = response.getStatusCode();
        ErrorCode code = status >= FIRST_SERVER_ERROR ? ErrorCode.INTERNAL_ERROR : ErrorCode.INVALID_REQUEST;
        String message = status == TOO_LARGE
                ? "The body is larger than the %s reads; send less at once."
                        .formatted(pool.upstream().serviceName())
                : "The %s refused the call with status %d and no further word; its log has the details under this request id."
                        .formatted(pool.upstream().serviceName(), status);
        response.release()
                .putHeader(HttpHeaders.CONTENT_TYPE, ErrorBody.MEDIA_TYPE)
                .setBody(Body.body(errors.of(ErrorEnvelope.of(code, message, null))));
    }

    private static boolean isJson(@Nullable String mediaType) {
        return mediaType != null && mediaType.startsWith(ErrorBody.MEDIA_TYPE);
    }
}
