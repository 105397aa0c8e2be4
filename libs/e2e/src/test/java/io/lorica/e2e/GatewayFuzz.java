package io.lorica.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/// Thousands of requests near to what the API takes, sent to the packaged suite: no failure inside, every error in the
/// envelope and in plain words, and the suite answers as before at the end. `-Pfuzz` runs it; it prints the answers by
/// status.
class GatewayFuzz {

    private static final int REQUESTS = Integer.getInteger("lorica.fuzz.requests", 7000);
    private static final long SEED = Long.getLong("lorica.fuzz.seed", 20261201L);
    private static final int PATIENCE_MS = 60_000;
    private static final Pattern INSIDES = Pattern.compile(
            "(?:\\bjava|\\bjakarta|\\bcom\\.|\\bio\\.(?!lorica\\.dataset)|\\borg\\.(?:jboss|acme)|Exception|Jackson|"
                    + "JsonReadFeature|DeserializationFeature|\\bat \\[Source|StackTrace|\\ba [AEIOU][a-z]+Id\\b)");
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path home;

    @Test
    @SuppressWarnings("SystemOut")
    void answersEverythingInItsOwnWords() throws Exception {
        try (Suite suite = Suite.start(home)) {
            // Given
            URI gateway = suite.gatewayAddress();
            String file = upload(gateway);
            RequestGenerator requests = new RequestGenerator(SEED, suite.baseModel(), file);
            Map<Integer, Integer> statuses = new TreeMap<>();
            List<String> complaints = new ArrayList<>();

            // When
            for (int count = 0; count < REQUESTS; count++) {
                RequestGenerator.Request request = requests.next();
                Answer answer = send(gateway, request);
                statuses.merge(answer.status(), 1, Integer::sum);
                complaint(request, answer).ifPresent(complaints::add);
                if (answer.status() == 200 && request.target().equals("/v1/fine_tuning/jobs")) {
                    cancel(gateway, answer);
                }
            }

            // Then
            System.out.println("fuzz: " + REQUESTS + " requests, seed " + SEED + ", answers by status " + statuses);
            assertThat(complaints).as(suite.logs()).isEmpty();
            assertThat(send(gateway, new RequestGenerator.Request("GET", "/v1/models", List.of(), new byte[0]))
                            .status())
                    .isEqualTo(200);
        }
    }

    private static Optional<String> complaint(RequestGenerator.Request request, Answer answer) {
        String what = request.method() + " " + request.target() + " "
                + new String(request.body(), StandardCharsets.UTF_8)
                        .lines()
                        .findFirst()
                        .orElse("") + " -> "
                + answer.status() + " " + answer.body();
        // A hub that this machine cannot reach is away, and the answer says so.
        boolean away = answer.status() == 503 && answer.body().contains("\"code\":\"hub_unavailable\"");
        if (answer.status() == 0 || (answer.status() >= 500 && answer.status() != 501 && !away)) {
            return Optional.of("failed inside: " + what);
        }
        if (answer.status() < 400 || request.method().equals("HEAD")) {
            return Optional.empty();
        }
        if (!envelope(answer.body())) {
            return Optional.of("no envelope: " + what);
        }
        return INSIDES.matcher(message(answer.body())).find()
                ? Optional.of("tells of its insides: " + what)
                : Optional.empty();
    }

    // What the caller wrote itself may come back in quotes.
    private static String message(String body) {
        try {
            return JSON.readTree(body).at("/error/message").asText().replaceAll("'[^']*'", "''");
        } catch (IOException e) {
            return body;
        }
    }

    private static boolean envelope(String body) {
        try {
            JsonNode error = JSON.readTree(body).path("error");
            return error.path("message").isTextual()
                    && error.path("type").isTextual()
                    && error.has("param")
                    && error.has("code");
        } catch (IOException e) {
            return false;
        }
    }

    private static String upload(URI gateway) throws IOException {
        StringBuilder rows = new StringBuilder();
        for (int row = 0; row < 12; row++) {
            rows.append("{\"prompt\":\"question ").append(row).append("\",\"completion\":\"answer\"}\n");
        }
        String form = "--edge\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune"
                + "\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"rows.jsonl\"\r\n\r\n" + rows
                + "\r\n--edge--\r\n";
        Answer answer = send(
                gateway,
                new RequestGenerator.Request(
                        "POST",
                        "/v1/files",
                        List.of("Content-Type", "multipart/form-data; boundary=edge"),
                        form.getBytes(StandardCharsets.UTF_8)));
        return JSON.readTree(answer.body()).path("id").asText();
    }

    private static void cancel(URI gateway, Answer answer) throws IOException {
        String job = JSON.readTree(answer.body()).path("id").asText();
        if (!job.isEmpty()) {
            send(
                    gateway,
                    new RequestGenerator.Request(
                            "POST", "/v1/fine_tuning/jobs/" + job + "/cancel", List.of(), new byte[0]));
        }
    }

    private record Answer(int status, String body) {}

    // By hand, because no HTTP client sends what is to be tried here.
    private static Answer send(URI gateway, RequestGenerator.Request request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), gateway.getPort())) {
            socket.setSoTimeout(PATIENCE_MS);
            OutputStream out = socket.getOutputStream();
            StringBuilder head = new StringBuilder(request.method() + " " + request.target() + " HTTP/1.1\r\n"
                    + "Host: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer " + Suite.KEY + "\r\n");
            for (int i = 0; i + 1 < request.headers().size(); i += 2) {
                head.append(request.headers().get(i))
                        .append(": ")
                        .append(request.headers().get(i + 1))
                        .append("\r\n");
            }
            head.append("Content-Length: ").append(request.body().length).append("\r\n\r\n");
            out.write(head.toString().getBytes(StandardCharsets.UTF_8));
            out.write(request.body());
            out.flush();
            return answer(socket.getInputStream());
        }
    }

    private static Answer answer(InputStream in) throws IOException {
        // One character a byte, so that lengths of chunks count what they count.
        String text = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        if (end < 0) {
            return new Answer(0, text);
        }
        String body = text.substring(end + 4);
        String head = text.substring(0, end).toLowerCase(Locale.ROOT);
        String whole = head.contains("transfer-encoding: chunked") ? unchunked(body) : body;
        return new Answer(
                Integer.parseInt(text.substring(9, 12)),
                new String(whole.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8));
    }

    private static String unchunked(String body) {
        StringBuilder whole = new StringBuilder();
        int at = 0;
        while (at < body.length()) {
            int line = body.indexOf("\r\n", at);
            int length =
                    line < 0 ? 0 : Integer.parseInt(body.substring(at, line).strip(), 16);
            if (length == 0) {
                break;
            }
            whole.append(body, line + 2, Math.min(body.length(), line + 2 + length));
            at = line + 2 + length + 2;
        }
        return whole.toString();
    }
}
