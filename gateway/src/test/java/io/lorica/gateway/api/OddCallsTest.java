package io.lorica.gateway.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

import io.micrometer.core.instrument.Meter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class OddCallsTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String HEAD = " HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-a\r\n";

    private static final ScriptedServices SERVICES = new ScriptedServices();
    private static TestGateway gateway = start();

    private static TestGateway start() {
        Map<String, String> settings = new HashMap<>(SERVICES.allUpstreams());
        settings.put("lorica.gateway.max-json-size", "64K");
        settings.put("lorica.gateway.max-body-size", "128K");
        settings.put("lorica.gateway.cors.enabled", "true");
        settings.put("lorica.gateway.cors.origins", "http://app.example");
        return TestGateway.with(settings);
    }

    @BeforeAll
    static void listens() {
        assertThat(gateway.port()).isPositive();
    }

    @AfterAll
    static void stop() {
        gateway.close();
        SERVICES.stop();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET /v1/models/%zz", "GET /v1/models/a%", "GET /%", "GET /v1/models?a=%g0", "GET /v1/files/%1"})
    void refusesAnAddressWithABrokenPercent(String line) throws IOException {
        assertThat(ask(line + HEAD + "\r\n")).startsWith("HTTP/1.1 400").satisfies(OddCallsTest::isAnEnvelope);
    }

    @ParameterizedTest
    @CsvSource({
        "'GET /%s HTTP/1.1\r\nhost: x\r\n\r\n', 414",
        "'GET /v1/models?%s HTTP/1.1\r\nhost: x\r\n\r\n', 414",
        "'GET / HTTP/1.1\r\nhost: x\r\nx-a: %s%<s%<s\r\n\r\n', 431",
        "'nonsense\r\n\r\n', 400",
        "'GET / HTTP/1.1\r\nhost x\r\n\r\n', 400",
        "'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: many\r\n\r\n', 400",
        "'GET / HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n', 400"
    })
    void answersWhatIsNoReadableRequestWithAnEnvelope(String request, int status) throws IOException {
        assertThat(ask(request.formatted("a".repeat(9000))))
                .containsPattern("^HTTP/1\\.[01] " + status)
                .satisfies(OddCallsTest::isAnEnvelope);
    }

    @Test
    void refusesAnOriginWithAnEnvelope() throws IOException {
        assertThat(ask("GET /v1/models" + HEAD + "origin: http://other.example\r\n\r\n"))
                .startsWith("HTTP/1.1 403")
                .doesNotContain("access-control-allow-origin")
                .satisfies(OddCallsTest::isAnEnvelope);
    }

    @ParameterizedTest
    @CsvSource({"/v1/chat/completions, 65537", "/v1/files, 131073"})
    void refusesABodyThatSaysItIsTooLarge(String path, long length) throws IOException {
        assertThat(ask("POST " + path + HEAD + "content-length: " + length + "\r\n\r\n"))
                .satisfies(OddCallsTest::isTooLarge);
    }

    @ParameterizedTest
    @CsvSource({"/v1/chat/completions, 65537", "/v1/files, 131073"})
    void refusesABodyThatGrowsTooLarge(String path, int length) throws IOException {
        String chunk = Integer.toHexString(length) + "\r\n" + "a".repeat(length) + "\r\n0\r\n\r\n";
        assertThat(ask("POST " + path + HEAD + "transfer-encoding: chunked\r\n\r\n" + chunk))
                .satisfies(OddCallsTest::isTooLarge);
    }

    @Test
    void refusesAGzipBodyThatInflatesTooFar() throws IOException {
        assertThat(gzip("/v1/chat/completions", "0".repeat(1 << 20))).satisfies(OddCallsTest::isTooLarge);
    }

    @Test
    void passesOnThatAServiceFindsABodyTooLarge() throws IOException {
        assertThat(ask("POST /v1/files/too-large" + HEAD + "content-length: 1\r\n\r\na"))
                .satisfies(OddCallsTest::isTooLarge);
    }

    @Test
    void inflatesAGzipBody() throws IOException {
        assertThat(gzip("/v1/models/content", "hello"))
                .startsWith("HTTP/1.1 200")
                .contains("\"bytes\":5");
        assertThat(gzip("/v1/files", "hello")).startsWith("HTTP/1.1 200").contains("\"bytes\":5");
    }

    @Test
    void refusesOtherEncodingsOfABody() throws IOException {
        assertThat(ask("POST /v1/chat/completions" + HEAD + "content-encoding: compress\r\ncontent-length: 1\r\n\r\na"))
                .startsWith("HTTP/1.1 415")
                .contains("gzip")
                .satisfies(OddCallsTest::isAnEnvelope);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/v1/models", "/v1/files/file-1", "/openapi.json"})
    void answersHeadAsGetWithoutABody(String path) throws IOException {
        String get = ask("GET " + path + HEAD + "connection: close\r\n\r\n");
        try (RawCall call = RawCall.to(gateway.port(), "HEAD " + path + HEAD + "connection: close\r\n\r\n")) {
            String head = call.untilClosed(SOON);
            assertThat(head)
                    .startsWith("HTTP/1.1 200")
                    .endsWith("\r\n\r\n")
                    .containsIgnoringCase("content-type: application/json");
        }
        assertThat(get).startsWith("HTTP/1.1 200");
    }

    @Test
    void passesARangeOn() throws IOException {
        assertThat(ask("GET /v1/files/file-1/content" + HEAD + "range: bytes=2-5\r\n\r\n"))
                .contains("\"range\":\"bytes=2-5\"");
    }

    @Test
    void keepsMadeUpMethodsFromTheServices() throws IOException {
        assertThat(ask("MADEUP /v1/files/file-1" + HEAD + "\r\n"))
                .startsWith("HTTP/1.1 405")
                .satisfies(OddCallsTest::isAnEnvelope);
    }

    @Test
    void letsNoCallerNameItself() throws IOException {
        assertThat(ask("GET /v1/models/a" + HEAD
                        + "X-Lorica-Caller: bert\r\nx-lorica-caller: carl\r\nconnection: x-lorica-caller\r\n\r\n"))
                .contains("\"x-lorica-caller\":\"anna\"")
                .doesNotContain("bert", "carl");
    }

    @Test
    void endsAStreamThatItsServiceBreaksOffWithAnError() throws IOException {
        try (RawCall call = RawCall.to(gateway.port(), "GET /v1/models/broken-stream" + HEAD + "\r\n")) {
            assertThat(call.until("0\r\n\r\n", SOON))
                    .contains("data: one\n\n")
                    .doesNotContain("data: tw")
                    .contains("data: {\"error\":{\"message\":\"The inference-service broke off");
        }
    }

    @Test
    void describesTheWholeApi() throws IOException {
        assertThat(ask("GET /openapi.json HTTP/1.1\r\nhost: x\r\n\r\n"))
                .contains("/v1/dataset-service", "/v1/trainer-service", "/v1/inference-service", "bearer")
                .doesNotContain("internal");
    }

    @Test
    void countsNoPathThatACallerMakesUp() throws IOException {
        // When
        for (int i = 0; i < 20; i++) {
            ask("GET /v1/made-up-" + i + HEAD + "\r\n");
            ask("GET /made-up-" + i + " HTTP/1.1\r\nhost: x\r\n\r\n");
            ask("MADEUP" + i + " /v1/files/file-" + i + "/rows" + HEAD + "\r\n");
            ask("GET /v1/models/org-" + i + "/name" + HEAD + "\r\n");
        }

        // Then
        assertThat(gateway.metrics().find("lorica.gateway.requests").meters())
                .extracting(Meter::getId)
                .extracting(id -> id.getTag("route") + " " + id.getTag("method"))
                .contains("unknown GET", "/v1/files/{id}/rows other", "/v1/models/{model} GET")
                .noneMatch(text -> text.contains("made") || text.contains("MADE") || text.contains("org-"));
    }

    private static String ask(String request) throws IOException {
        try (RawCall call = RawCall.to(gateway.port(), request)) {
            return call.until("}", SOON);
        }
    }

    private static String gzip(String path, String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        String head = "POST " + path + HEAD + "content-encoding: gzip\r\ncontent-length: " + packed.size() + "\r\n\r\n";
        try (RawCall call = RawCall.to(gateway.port(), head)) {
            call.send(packed.toByteArray());
            return call.until("}", SOON);
        }
    }

    private static void isTooLarge(String answer) {
        assertThat(answer).startsWith("HTTP/1.1 413").containsIgnoringCase("x-should-retry: false");
        isAnEnvelope(answer);
    }

    private static void isAnEnvelope(String answer) {
        assertThat(answer)
                .containsIgnoringCase("x-request-id: req_")
                .containsIgnoringCase("content-type: application/json")
                .contains(
                        "{\"error\":{\"message\":\"", "\"type\":\"invalid_request_error\"", "\"param\":", "\"code\":\"")
                .doesNotContain("Exception");
    }
}
