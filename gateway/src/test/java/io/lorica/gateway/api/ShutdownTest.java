package io.lorica.gateway.api;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class ShutdownTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String HEAD = " HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-a\r\n";

    private final ScriptedServices services = new ScriptedServices();

    @AfterEach
    void stopServices() {
        services.stop();
    }

    @Test
    void servesCallsDuringTheDelayThoughNoLongerReady() throws Exception {
        try (TestGateway gateway = gateway("2s", "10s");
                RawCall before = RawCall.to(gateway.port())) {
            // When
            CompletableFuture<Void> stop = CompletableFuture.runAsync(gateway::stop);
            await().atMost(SOON).until(() -> !gateway.ready());

            // Then
            assertThat(before.send("GET /v1/models/a" + HEAD + "\r\n").untilClosed(Duration.ofSeconds(1)))
                    .startsWith("HTTP/1.1 200")
                    .containsIgnoringCase("connection: close");
            stop.join();
        }
    }

    @Test
    void letsAStreamEndWithinTheGraceAndTakesNoNewCall() throws Exception {
        try (TestGateway gateway = gateway("0s", "20s");
                RawCall stream = RawCall.to(gateway.port(), "POST /v1/chat/completions" + HEAD + "\r\n");
                RawCall later = RawCall.to(gateway.port());
                RawCall release = RawCall.to(gateway.port())) {
            // Given
            stream.until("data: one", SOON);
            release.send("GET /v1/models/release" + HEAD + "content-length: 1\r\n\r\n");
            await().atMost(SOON)
                    .until(() -> gateway.metrics()
                                    .get("lorica.gateway.calls.open")
                                    .gauge()
                                    .value()
                            == 2);

            // When
            CompletableFuture<Void> stop = CompletableFuture.runAsync(gateway::stop);
            await().atMost(SOON).until(() -> !gateway.ready());
            String refused = later.send("GET /v1/models/a" + HEAD + "\r\n").untilClosed(SOON);
            release.send("x");

            // Then
            assertThat(refused)
                    .startsWith("HTTP/1.1 503")
                    .containsIgnoringCase("retry-after: 2")
                    .contains("stopping");
            assertThat(stream.untilClosed(SOON)).contains("data: [DONE]").doesNotContain("error");
            stop.join();
        }
    }

    @Test
    void endsWhatIsLeftAfterTheGraceWithAnError() throws Exception {
        try (TestGateway gateway = gateway("0s", "1s");
                RawCall stream = RawCall.to(gateway.port(), "GET /v1/models/stream" + HEAD + "\r\n");
                RawCall waiting = RawCall.to(gateway.port(), "GET /v1/models/never-1" + HEAD + "\r\n");
                RawCall upload = RawCall.to(gateway.port(), "POST /v1/files" + HEAD + "content-length: 9\r\n\r\nabc");
                RawCall question =
                        RawCall.to(gateway.port(), "POST /v1/models/a" + HEAD + "content-length: 9\r\n\r\nabc")) {
            // Given
            stream.until("data: one", SOON);
            await().atMost(SOON)
                    .until(() -> gateway.metrics()
                                    .get("lorica.gateway.calls.open")
                                    .gauge()
                                    .value()
                            == 4);

            // When
            gateway.stop();

            // Then
            assertThat(stream.untilClosed(SOON))
                    .contains("data: one\n\n")
                    .doesNotContain("data: tw")
                    .contains("data: {\"error\":{\"message\":\"This gateway has stopped")
                    .endsWith("0\r\n\r\n");
            assertThat(waiting.untilClosed(SOON)).startsWith("HTTP/1.1 503").contains("has stopped");
            assertThat(upload.untilClosed(SOON)).startsWith("HTTP/1.1 503").contains("has stopped");
            assertThat(question.untilClosed(SOON)).startsWith("HTTP/1.1 503").contains("has stopped");
        }
    }

    @Test
    void stopsAtOnceWithoutCalls() {
        try (TestGateway gateway = gateway("0s", "1m")) {
            // Given
            long begun = System.nanoTime();

            // When
            gateway.stop();

            // Then
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
        }
    }

    private TestGateway gateway(String delay, String grace) {
        Map<String, String> settings = new HashMap<>(services.upstreams());
        settings.put("lorica.gateway.shutdown.delay", delay);
        settings.put("lorica.gateway.shutdown.grace", grace);
        return TestGateway.with(settings);
    }
}
