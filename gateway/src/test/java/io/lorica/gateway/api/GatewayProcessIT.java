package io.lorica.gateway.api;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/// The packaged gateway as a process that gets SIGTERM.
class GatewayProcessIT {

    private static final Path APPLICATION = Path.of("target/quarkus-app/quarkus-run.jar");
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final String HEAD = " HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-a\r\n";

    private final ScriptedServices services = new ScriptedServices();
    private final HttpClient http = HttpClient.newHttpClient();
    private int port;
    private int healthPort;
    private Process process = new ProcessBuilder("true").start();

    GatewayProcessIT() throws IOException {}

    @BeforeEach
    void startGateway(@TempDir Path home) throws IOException {
        port = freePort();
        healthPort = freePort();
        ProcessBuilder builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx128m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-jar",
                        APPLICATION.toAbsolutePath().toString())
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(Files.createFile(home.resolve("log")).toFile());
        environment().forEach(builder.environment()::put);
        process = builder.start();
        await().atMost(PATIENCE).ignoreExceptions().until(() -> health() == 200);
    }

    @AfterEach
    void stopAll() {
        process.destroyForcibly().onExit().join();
        services.stop();
    }

    @Test
    void endsStreamsInOrderAtSigterm() throws IOException {
        try (RawCall stream = RawCall.to(port, "POST /v1/chat/completions" + HEAD + "\r\n");
                RawCall endless = RawCall.to(port, "GET /v1/models/stream" + HEAD + "\r\n")) {
            // Given
            stream.until("data: one", PATIENCE);
            endless.until("data: one", PATIENCE);

            // When
            process.destroy();

            // Then
            await().atMost(PATIENCE).until(() -> health() == 503);
            assertThat(ask("GET /v1/models/release")).startsWith("HTTP/1.1 200");
            assertThat(stream.until("data: [DONE]", PATIENCE)).doesNotContain("error");
            await().atMost(PATIENCE).until(() -> ask("GET /v1/models/a").startsWith("HTTP/1.1 503"));
            assertThat(endless.untilClosed(PATIENCE))
                    .contains("data: {\"error\":{\"message\":\"This gateway has stopped");
            assertThat(process.onExit().join().isAlive()).isFalse();
        }
    }

    private String ask(String line) throws IOException {
        try (RawCall call = RawCall.to(port, line + HEAD + "\r\n")) {
            return call.untilClosed(PATIENCE);
        }
    }

    private int health() throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + healthPort + "/q/health/ready"))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(Map.of(
                "LORICA_HTTP_PORT", Integer.toString(port),
                "LORICA_MANAGEMENT_PORT", Integer.toString(healthPort),
                "QUARKUS_HTTP_HOST", "127.0.0.1",
                "LORICA_API_KEY", "sk-a",
                "LORICA_GATEWAY_SHUTDOWN_DELAY", "8s",
                "LORICA_GATEWAY_SHUTDOWN_GRACE", "8s"));
        services.upstreams()
                .forEach((key, value) ->
                        environment.put(key.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_"), value));
        return environment;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
