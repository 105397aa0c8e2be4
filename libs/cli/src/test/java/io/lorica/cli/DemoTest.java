package io.lorica.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/// The demo's screen, with a gateway that answers from a script.
class DemoTest {

    private static final String CREATED = "{\"type\":\"message\",\"message\":\"Created fine-tuning job: ftjob-1\"}";
    private static final String HALFWAY = "{\"type\":\"metrics\",\"data\":{\"step\":10,\"total_steps\":20,"
            + "\"train_loss\":4.0,\"tokens_per_second\":1234.4,\"valid_loss\":4.5}}";
    private static final String AT_THE_END = "{\"type\":\"metrics\",\"data\":{\"step\":20,\"total_steps\":20,"
            + "\"train_loss\":2.0,\"tokens_per_second\":1300}}";

    @TempDir
    Path root;

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final Queue<String> states = new ArrayDeque<>();
    private final Queue<String> events = new ArrayDeque<>();
    private HttpServer gateway;

    @BeforeEach
    void start() throws IOException {
        gateway = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        on("/v1/files", exchange -> "{\"id\":\"file-1\"}");
        on("/v1/fine_tuning/jobs", exchange -> "{\"id\":\"ftjob-1\"}");
        on("/v1/fine_tuning/jobs/ftjob-1", exchange -> states.remove());
        on("/v1/fine_tuning/jobs/ftjob-1/events", exchange -> "{\"data\":[" + events.remove() + "]}");
        on("/v1/chat/completions", DemoTest::answer);
        gateway.start();
    }

    @AfterEach
    void stop() {
        gateway.stop(0);
    }

    @Test
    void showsEachEventOnceAndTheAnswersOfBothModels() throws Exception {
        // Given
        states.add("{\"status\":\"running\"}");
        events.add(HALFWAY + "," + CREATED);
        states.add("{\"status\":\"succeeded\",\"fine_tuned_model\":\"ft:tuned\"}");
        events.add(AT_THE_END + "," + HALFWAY + "," + CREATED);

        // When
        demo().run();

        // Then
        assertThat(screen.toString(StandardCharsets.UTF_8))
                .containsOnlyOnce("Created fine-tuning job: ftjob-1")
                .containsOnlyOnce(
                        "step   10/20  loss  4.0000 " + "█".repeat(30) + "   1234 tokens/s  validation loss 4.5")
                .containsOnlyOnce("step   20/20  loss  2.0000 " + "█".repeat(15) + " ".repeat(15) + "   1300 tokens/s")
                .contains("base         thought of org/model\n             => answer of org/model")
                .contains("fine-tuned   thought of ft:tuned\n             => answer of ft:tuned")
                .contains("\"model\": \"ft:tuned\"");
    }

    @Test
    void endsWithTheReasonOfAFailedJob() {
        // Given
        states.add("{\"status\":\"failed\",\"error\":{\"message\":\"The rows are too long.\"}}");
        events.add(CREATED);

        // When // Then
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> demo().run())
                .withMessage("The job ftjob-1 failed: The rows are too long.");
    }

    @Test
    void showsWhatAStrangerAtTheGatewaysAddressSays() {
        // Given
        gateway.removeContext("/v1/files");
        gateway.createContext("/v1/files", exchange -> send(exchange, 502, "<html>no"));

        // When // Then
        assertThatExceptionOfType(CliException.class)
                .isThrownBy(() -> demo().run())
                .withMessageContaining("502")
                .withMessageContaining("<html>no");
    }

    private Demo demo() {
        SuiteSettings settings = SuiteSettings.ofEnvironment(
                root,
                Map.of(
                        "LORICA_GATEWAY_PORT",
                        Integer.toString(gateway.getAddress().getPort()),
                        "LORICA_BASE_MODEL",
                        "org/model"));
        return new Demo(settings, new PrintStream(screen, true, StandardCharsets.UTF_8));
    }

    private static String answer(HttpExchange exchange) throws IOException {
        String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String model = request.contains("ft:tuned") ? "ft:tuned" : "org/model";
        return List.of("reasoning_content\":\"thought of " + model, "content\":\"answer of\\n" + model).stream()
                .map(delta -> "data: {\"choices\":[{\"delta\":{\"" + delta + "\"}}]}\n\n")
                .reduce("", String::concat)
                .concat("data: [DONE]\n\n");
    }

    /// What is answered to a request.
    private interface Reply {
        String to(HttpExchange exchange) throws IOException;
    }

    private void on(String path, Reply reply) {
        gateway.createContext(path, exchange -> send(exchange, 200, reply.to(exchange)));
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
