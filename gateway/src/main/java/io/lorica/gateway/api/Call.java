package io.lorica.gateway.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import io.lorica.gateway.observe.CallMetrics;
import io.lorica.gateway.observe.RefusalReason;
import io.lorica.gateway.route.RouteTable;
import io.lorica.gateway.upstream.ErrorBody;
import io.lorica.gateway.upstream.Forwarding;
import io.lorica.gateway.upstream.Refusal;
import io.lorica.gateway.upstream.RequestBody;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import org.jspecify.annotations.Nullable;

/// One call from its head to the end of its answer. Confined to its event loop, except [#breakOff].
final class Call {

    private static final String KEY = Call.class.getName();

    private final RoutingContext routing;
    private final @Nullable CallerConnection connection;
    private final CallMetrics metrics;
    private final ErrorBody errors;
    private final Context loop;
    private final long begun = System.nanoTime();
    private final List<Runnable> atEnd = new ArrayList<>();
    private String route = RouteTable.UNKNOWN;
    private @Nullable RequestBody body;
    private @Nullable Forwarding forwarding;
    private boolean over;

    private Call(RoutingContext routing, @Nullable CallerConnection connection, CallMetrics metrics, ErrorBody errors) {
        this.routing = routing;
        this.connection = connection;
        this.metrics = metrics;
        this.errors = errors;
        this.loop = Objects.requireNonNull(Vertx.currentContext(), "a call begins on an event loop");
    }

    static Call begin(
            RoutingContext routing, @Nullable CallerConnection connection, CallMetrics metrics, ErrorBody errors) {
        Call call = new Call(routing, connection, metrics, errors);
        routing.put(KEY, call);
        if (connection != null) {
            connection.busy(call::end);
        }
        metrics.callBegins();
        routing.addEndHandler(done -> call.end());
        return call;
    }

    static Call of(RoutingContext routing) {
        return Objects.requireNonNull(routing.get(KEY), "the call has not begun");
    }

    HttpServerRequest request() {
        return routing.request();
    }

    HttpServerResponse response() {
        return routing.response();
    }

    String requestId() {
        return RequestId.of(routing).value();
    }

    /// Names the route in metrics.
    void on(String template) {
        route = template;
    }

    /// Has something done when the call is over.
    void atEnd(Runnable action) {
        atEnd.add(action);
    }

    void reads(RequestBody body) {
        this.body = body;
    }

    void forwards(Forwarding forwarding) {
        this.forwarding = forwarding;
        atEnd(forwarding::release);
    }

    void streams() {
        metrics.streamBegins();
        atEnd(metrics::streamEnds);
    }

    /// Answers with a refusal, and closes the connection where a body is still to come.
    void refuse(RefusalReason reason, Refusal refusal) {
        metrics.refused(reason);
        answer(refusal);
    }

    /// Answers with a failure that is not the gateway's choice.
    void answer(Refusal refusal) {
        if (response().ended() || response().closed()) {
            return;
        }
        if (response().headWritten()) {
            request().connection().close();
            return;
        }
        if (!request().isEnded()) {
            response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
        refusal.send(response(), errors);
        if (!request().isEnded()) {
            request().resume();
        }
    }

    /// Ends the call before its time, from any thread.
    void breakOff(Refusal refusal) {
        loop.runOnContext(now -> {
            if (over) {
                return;
            }
            response().headers().remove(HttpHeaders.CONTENT_LENGTH);
            if (forwarding != null) {
                forwarding.breakOff(refusal);
            } else {
                answer(refusal);
            }
            if (body != null) {
                body.refuse(refusal);
            }
        });
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        if (body != null) {
            body.close();
        }
        atEnd.forEach(Runnable::run);
        if (connection != null) {
            await(connection);
        }
        metrics.callEnds(route, request().method().name(), response().getStatusCode(), System.nanoTime() - begun);
    }

    private void await(CallerConnection connection) {
        boolean closes = response().headers().contains(HttpHeaders.CONNECTION, HttpHeaders.CLOSE, true);
        if (!request().isEnded()) {
            connection.linger();
        } else if (closes && !response().closed()) {
            request().connection().close();
        } else {
            connection.idle();
        }
    }
}
