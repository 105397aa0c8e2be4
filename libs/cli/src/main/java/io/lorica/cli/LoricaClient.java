package io.lorica.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/// Calls the gateway as any client would: over HTTP, with the key.
final class LoricaClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final String base;
    private final String key;

    LoricaClient(String base, String key) {
        this.base = base;
        this.key = key;
    }

    /// Uploads rows and returns the file's id.
    String upload(String filename, byte[] content) throws IOException, InterruptedException {
        String boundary = "lorica-" + UUID.randomUUID();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(utf8("--" + boundary
                + "\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n--" + boundary
                + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename
                + "\"\r\nContent-Type: application/jsonl\r\n\r\n"));
        body.writeBytes(content);
        body.writeBytes(utf8("\r\n--" + boundary + "--\r\n"));
        HttpRequest request = request("/v1/files")
                .header("Content-Type", "multipart/form-data; boundary=" + boundary)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                .build();
        return json(request).path("id").asText();
    }

    JsonNode post(String path, Map<String, Object> body) throws IOException, InterruptedException {
        return json(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                .build());
    }

    JsonNode get(String path) throws IOException, InterruptedException {
        return json(request(path).GET().build());
    }

    /// Asks a model and hands over each delta of its answer as it arrives.
    void stream(Map<String, Object> body, Consumer<JsonNode> delta) throws IOException, InterruptedException {
        HttpRequest request = request("/v1/chat/completions")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                .build();
        HttpResponse<Stream<String>> answer = http.send(request, HttpResponse.BodyHandlers.ofLines());
        try (Stream<String> lines = answer.body()) {
            for (String line : (Iterable<String>) lines::iterator) {
                if (answer.statusCode() != 200) {
                    throw refused(answer.statusCode(), line);
                }
                if (line.startsWith("data: ") && !line.equals("data: [DONE]")) {
                    JsonNode event = JSON.readTree(line.substring("data: ".length()));
                    if (event.has("error")) {
                        throw refused(answer.statusCode(), line.substring("data: ".length()));
                    }
                    delta.accept(event.path("choices").path(0).path("delta"));
                }
            }
        }
    }

    private JsonNode json(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw refused(answer.statusCode(), answer.body());
        }
        return JSON.readTree(answer.body());
    }

    private static CliException refused(int status, String body) {
        return new CliException("The gateway answered " + status + ": " + message(body));
    }

    // Something else than the gateway may answer at its address, with something else than JSON.
    private static String message(String body) {
        try {
            return JSON.readTree(body).path("error").path("message").asText(body);
        } catch (JsonProcessingException e) {
            return body;
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofMinutes(10))
                .header("Authorization", "Bearer " + key);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
