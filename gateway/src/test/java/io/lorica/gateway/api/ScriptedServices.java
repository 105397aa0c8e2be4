package io.lorica.gateway.api;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/// A dataset-service and an inference-service that do as the path says, and a trainer-service that is away.
public final class ScriptedServices implements QuarkusTestResourceLifecycleManager {

    private final Vertx vertx = Vertx.vertx();
    private final CompletableFuture<Void> released = new CompletableFuture<>();
    private final CompletableFuture<Void> hungUp = new CompletableFuture<>();
    private final CompletableFuture<Void> asked = new CompletableFuture<>();
    private final CompletableFuture<Void> left = new CompletableFuture<>();

    @Override
    public Map<String, String> start() {
        Map<String, String> settings = new HashMap<>(upstreams());
        settings.putAll(
                Map.of("lorica.gateway.host", "127.0.0.1", "lorica.gateway.port", Integer.toString(closedPort())));
        settings.putAll(callers());
        return settings;
    }

    /// The addresses of the services, which listen from now on.
    Map<String, String> upstreams() {
        return Map.of(
                "lorica.gateway.upstreams.dataset", address(listen("dataset-service")),
                "lorica.gateway.upstreams.inference", address(listen("inference-service")),
                "lorica.gateway.upstreams.trainer", address(closedPort()));
    }

    /// The addresses of services of which all are there.
    Map<String, String> allUpstreams() {
        Map<String, String> all = new HashMap<>(upstreams());
        all.put("lorica.gateway.upstreams.trainer", address(listen("trainer-service")));
        return all;
    }

    private static Map<String, String> callers() {
        return Map.ofEntries(
                Map.entry("lorica.gateway.api-key", "sk-test"),
                Map.entry("lorica.gateway.api-keys", "busy:sk-busy"),
                Map.entry("lorica.gateway.rate.requests-per-minute", "1"),
                Map.entry("lorica.gateway.rate.burst", "40"),
                Map.entry("lorica.gateway.idle-timeout", "10s"),
                Map.entry("lorica.gateway.max-body-size", "128M"),
                Map.entry("lorica.gateway.cors.enabled", "true"),
                Map.entry("lorica.gateway.cors.origins", "http://app.example"));
    }

    @Override
    public void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private int listen(String name) {
        HttpServer server = vertx.createHttpServer().requestHandler(request -> answer(name, request));
        return server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private void answer(String name, HttpServerRequest request) {
        switch (Objects.requireNonNull(request.path())) {
            case "/v1/files" -> digest(request);
            case "/v1/files/plain-error" ->
                request.response().setStatusCode(500).end("<html>oh</html>");
            case "/v1/files/envelope" ->
                request.response()
                        .setStatusCode(404)
                        .putHeader("content-type", "application/json")
                        .end("{\"error\":{\"message\":\"theirs\"}}");
            case "/v1/files/broken-off" -> breakOff(request);
            case "/v1/models/broken-stream" -> breakOffAStream(request);
            case "/v1/files/too-large" -> request.response().setStatusCode(413).end();
            case "/v1/models/stream" ->
                request.response()
                        .putHeader("content-type", "text/event-stream")
                        .setChunked(true)
                        .write("data: one\n\ndata: tw");
            case "/v1/models/content" -> digest(request);
            case "/q/openapi" ->
                request.response()
                        .end("{\"openapi\":\"3.1.0\",\"paths\":{\"/v1/%s\":{\"get\":{}},\"/internal\":{}}}"
                                .formatted(name));
            case "/v1/chat/completions" -> stream(request.response());
            case "/v1/models/hang" -> hang(request.response());
            case "/v1/models/release" -> reply(request, released);
            case "/v1/models/hung-up" -> hungUp.thenRun(() -> request.response().end("yes"));
            case "/v1/models/never" -> request.resume();
            case "/v1/models/silent" -> keepSilent(request.response());
            case "/v1/models/silent-asked" ->
                asked.thenRun(() -> request.response().end("yes"));
            case "/v1/models/silent-left" ->
                left.thenRun(() -> request.response().end("yes"));
            default -> {
                if (request.path().startsWith("/v1/models/never-")) {
                    request.resume();
                } else {
                    echo(name, request);
                }
            }
        }
    }

    private static void echo(String name, HttpServerRequest request) {
        JsonObject headers = new JsonObject();
        request.headers().forEach(header -> headers.put(header.getKey().toLowerCase(Locale.ROOT), header.getValue()));
        request.response()
                .putHeader("content-type", "application/json")
                .putHeader("x-request-id", "theirs")
                .end(new JsonObject()
                        .put("service", name)
                        .put("method", request.method().name())
                        .put("uri", request.uri())
                        .put("headers", headers)
                        .encode());
    }

    private static void digest(HttpServerRequest request) {
        MessageDigest digest = sha256();
        long[] length = {0};
        request.handler(part -> {
            digest.update(part.getBytes());
            length[0] += part.length();
        });
        request.endHandler(done -> request.response()
                .putHeader("content-type", "application/json")
                .end(new JsonObject()
                        .put("bytes", length[0])
                        .put("sha256", HexFormat.of().formatHex(digest.digest()))
                        .encode()));
    }

    private void stream(HttpServerResponse response) {
        response.putHeader("content-type", "text/event-stream").setChunked(true).write("data: one\n\n");
        released.thenRun(() -> response.end("data: [DONE]\n\n"));
    }

    private void hang(HttpServerResponse response) {
        response.closeHandler(closed -> hungUp.complete(null));
        response.setChunked(true).write("data: one\n\n");
    }

    private void keepSilent(HttpServerResponse response) {
        response.closeHandler(closed -> left.complete(null));
        asked.complete(null);
    }

    private static void breakOffAStream(HttpServerRequest request) {
        request.response()
                .putHeader("content-type", "text/event-stream")
                .setChunked(true)
                .write("data: one\n\ndata: tw")
                .onComplete(written -> request.connection().close());
    }

    private static void breakOff(HttpServerRequest request) {
        request.response().putHeader("content-length", "1000").write(Buffer.buffer("some"));
        request.connection().close();
    }

    private static void reply(HttpServerRequest request, CompletableFuture<Void> event) {
        event.complete(null);
        request.response().end("done");
    }

    private static String address(int port) {
        return "http://127.0.0.1:" + port;
    }

    private static int closedPort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new IllegalStateException("No port is free", e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
