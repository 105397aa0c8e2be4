package io.lorica.gateway.api;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/// One caller cannot stop the others, with the limits made small.
class CallerLimitsTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String HALF_UPLOAD = "POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %s\r\n"
            + "content-type: multipart/form-data; boundary=x\r\ncontent-length: 100000\r\n\r\n--x\r\n";
    private static final String HALF_CHAT =
            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %s\r\n"
                    + "content-type: application/json\r\ncontent-length: 60000\r\n\r\n{\"model\":";

    private static final ScriptedServices SERVICES = new ScriptedServices();
    private static Map<String, String> settings = Map.of();

    @BeforeAll
    static void startServices() {
        settings = new HashMap<>(SERVICES.upstreams());
        settings.putAll(Map.of(
                "lorica.gateway.connections-per-upstream", "4",
                "lorica.gateway.transfers-per-upstream", "4",
                "lorica.gateway.calls-per-key", "3",
                "lorica.gateway.transfers-per-key", "3",
                "lorica.gateway.upstream-wait", "PT0.5S",
                "lorica.gateway.header-timeout", "PT1S",
                "lorica.gateway.keep-alive", "PT2S",
                "lorica.gateway.body-timeout", "PT1S",
                "lorica.gateway.max-json-size", "64K"));
    }

    @AfterAll
    static void stopServices() {
        SERVICES.stop();
    }

    @Test
    void answersAllOthersWhileOneKeyStallsUploads() throws Exception {
        try (TestGateway gateway = TestGateway.with(with("lorica.gateway.body-timeout", "PT1M"))) {
            // Given
            List<RawCall> stalled = stalled(gateway, HALF_UPLOAD, 30);

            // When
            String models = get(gateway, "/v1/models", "sk-b");
            String files = get(gateway, "/v1/files/file-1", "sk-b");
            String own = get(gateway, "/v1/models", "sk-a");

            // Then
            assertThat(models).startsWith("HTTP/1.1 200");
            assertThat(files).startsWith("HTTP/1.1 200");
            assertThat(own).startsWith("HTTP/1.1 200");
            assertThat(refused(stalled)).isEqualTo(27);
            close(stalled);
            await().atMost(SOON).until(() -> openCalls(gateway) == 0);
        }
    }

    @Test
    void answersAllOthersWhileOneKeyStallsQuestions() throws Exception {
        try (TestGateway gateway = TestGateway.with(with("lorica.gateway.body-timeout", "PT1M"))) {
            // Given
            List<RawCall> stalled = stalled(gateway, HALF_CHAT, 30);

            // When
            String models = get(gateway, "/v1/models", "sk-b");

            // Then
            assertThat(models).startsWith("HTTP/1.1 200");
            assertThat(refused(stalled)).isEqualTo(27);
            assertThat(connections(gateway, "inference-service", "answers")).isZero();
            close(stalled);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /v1/models/hang",
                "GET /v1/models/silent",
                "GET /v1/models/never-1",
                "GET /v1/files/broken-off",
                "GET /v1/files/broken-off/content",
                "GET /v1/models/stream",
                "GET /v1/models/broken-stream",
                "POST /v1/chat/completions",
                "HEAD /v1/models/hang"
            })
    void forgetsACallWhoseCallerHangsUp(String line) throws Exception {
        try (TestGateway gateway = TestGateway.with(settings)) {
            // Given
            RawCall call =
                    RawCall.to(gateway.port(), line + " HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-a\r\n\r\n");
            Thread.sleep(500);

            // When
            call.close();

            // Then
            await().atMost(SOON).until(() -> openCalls(gateway) == 0);
            assertThat(connections(gateway, "inference-service", "answers")
                            + connections(gateway, "dataset-service", "answers")
                            + connections(gateway, "dataset-service", "transfers"))
                    .isZero();
        }
    }

    @Test
    void turnsAwayWhoFindsNoConnectionInTime() throws Exception {
        try (TestGateway gateway = TestGateway.with(with("lorica.gateway.calls-per-key", "9"))) {
            // Given
            List<RawCall> open = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                open.add(RawCall.to(gateway.port(), request("/v1/models/never-" + i, "sk-a")));
            }
            await().atMost(SOON).until(() -> connections(gateway, "inference-service", "answers") == 4);

            // When
            String answer = get(gateway, "/v1/models", "sk-b");

            // Then
            assertThat(answer)
                    .startsWith("HTTP/1.1 503")
                    .containsIgnoringCase("retry-after: 5")
                    .contains("at once");
            close(open);
            await().atMost(SOON).until(() -> connections(gateway, "inference-service", "answers") == 0);
            assertThat(get(gateway, "/v1/models", "sk-b")).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void endsBodiesThatStall() throws Exception {
        try (TestGateway gateway = TestGateway.with(settings)) {
            for (String half : List.of(HALF_UPLOAD, HALF_CHAT)) {
                // Given
                RawCall stalled = RawCall.to(gateway.port(), half.formatted("sk-a"));

                // When
                String answer = stalled.untilClosed(SOON);

                // Then
                assertThat(answer).startsWith("HTTP/1.1 408").contains("request_timeout");
            }
        }
    }

    @Test
    void endsABodyThatTrickles() throws Exception {
        try (TestGateway gateway = TestGateway.with(settings);
                RawCall trickle = RawCall.to(gateway.port(), HALF_CHAT.formatted("sk-a"))) {
            // Given
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        trickle.send(" ");
                        Thread.sleep(100);
                    }
                } catch (IOException | InterruptedException e) {
                    // The gateway has closed the connection.
                }
            });

            // When
            String answer = trickle.untilClosed(SOON);

            // Then
            assertThat(answer).startsWith("HTTP/1.1 408");
            writer.interrupt();
        }
    }

    @Test
    void letsASlowBodyThatGetsOnPass() throws Exception {
        try (TestGateway gateway = TestGateway.with(with("lorica.gateway.body-progress", "4"));
                RawCall slow = RawCall.to(
                        gateway.port(),
                        "POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-a\r\ncontent-length: 80\r\n\r\n")) {
            // When
            for (int i = 0; i < 20; i++) {
                slow.send("four");
                Thread.sleep(150);
            }

            // Then
            assertThat(slow.until("sha256", SOON)).startsWith("HTTP/1.1 200").contains("\"bytes\":80");
        }
    }

    @Test
    void closesConnectionsWhoseHeadDoesNotCome() throws Exception {
        try (TestGateway gateway = TestGateway.with(settings);
                RawCall half = RawCall.to(gateway.port(), "GET /v1/models HTTP/1.1\r\nhost: x\r\nx-a: ");
                RawCall silent = RawCall.to(gateway.port())) {
            // Given
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    while (true) {
                        half.send("a");
                        Thread.sleep(100);
                    }
                } catch (IOException | InterruptedException e) {
                    // The gateway has closed the connection.
                }
            });

            // When
            String toHalf = half.untilClosed(Duration.ofSeconds(5));
            String toSilent = silent.untilClosed(Duration.ofSeconds(5));

            // Then
            assertThat(toHalf).isEmpty();
            assertThat(toSilent).isEmpty();
            writer.interrupt();
            await().atMost(SOON)
                    .until(() -> gateway.metrics()
                                    .get("lorica.gateway.connections.open")
                                    .gauge()
                                    .value()
                            == 0);
        }
    }

    @Test
    void keepsAnIdleConnectionForAWhile() throws Exception {
        try (TestGateway gateway = TestGateway.with(settings);
                RawCall call = RawCall.to(gateway.port(), request("/v1/models/a", "sk-a"))) {
            // Given
            call.until("/v1/models/a", SOON);
            Thread.sleep(1200);

            // When
            call.send(request("/v1/models/b", "sk-a"));

            // Then
            assertThat(call.until("/v1/models/b", SOON)).contains("/v1/models/a");
            assertThat(call.untilClosed(SOON)).contains("/v1/models/b");
        }
    }

    @Test
    void closesConnectionsAboveTheNumberThatIsAllowed() throws Exception {
        try (TestGateway gateway = TestGateway.with(with("lorica.gateway.max-connections", "1"));
                RawCall first = RawCall.to(gateway.port(), request("/v1/models/a", "sk-a"))) {
            // Given
            first.until("/v1/models/a", SOON);

            // When
            String second = RawCall.to(gateway.port()).untilClosed(SOON);

            // Then
            assertThat(second).isEmpty();
        }
    }

    private static Map<String, String> with(String key, String value) {
        Map<String, String> changed = new HashMap<>(settings);
        changed.put(key, value);
        return changed;
    }

    private static List<RawCall> stalled(TestGateway gateway, String half, int count) throws IOException {
        List<RawCall> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            calls.add(RawCall.to(gateway.port(), half.formatted("sk-a")));
        }
        await().atMost(SOON)
                .until(() -> gateway.metrics()
                                        .find("lorica.gateway.refused")
                                        .tag("reason", "calls_per_key")
                                        .counter()
                                != null
                        && gateway.metrics()
                                        .get("lorica.gateway.refused")
                                        .tag("reason", "calls_per_key")
                                        .counter()
                                        .count()
                                == count - 3);
        return calls;
    }

    private static long refused(List<RawCall> calls) throws IOException {
        long refused = 0;
        for (RawCall call : calls) {
            try {
                String answer = call.until("}}", Duration.ofMillis(200));
                assertThat(answer)
                        .startsWith("HTTP/1.1 429")
                        .containsIgnoringCase("retry-after: 5")
                        .contains("\"type\":\"requests\"", "\"code\":\"rate_limit_exceeded\"");
                refused++;
            } catch (AssertionError e) {
                assertThat(e).hasMessageStartingWith("not within");
            }
        }
        return refused;
    }

    private static void close(List<RawCall> calls) throws IOException {
        for (RawCall call : calls) {
            call.close();
        }
    }

    private static String get(TestGateway gateway, String path, String key) throws IOException {
        try (RawCall call = RawCall.to(gateway.port(), request(path, key))) {
            return call.until("}", SOON);
        }
    }

    private static String request(String path, String key) {
        return "GET %s HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %s\r\n\r\n".formatted(path, key);
    }

    private static double openCalls(TestGateway gateway) {
        return gateway.metrics().get("lorica.gateway.calls.open").gauge().value();
    }

    private static double connections(TestGateway gateway, String service, String traffic) {
        return gateway.metrics()
                .get("lorica.gateway.upstream.connections")
                .tags("service", service, "traffic", traffic)
                .gauge()
                .value();
    }
}
