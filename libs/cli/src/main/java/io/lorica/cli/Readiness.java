package io.lorica.cli;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/// Asks services whether they are ready, and if not, why.
final class Readiness {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    boolean ready(String address) {
        try {
            return ask(address, "ready").statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /// Tells whether a service answers that it is no longer alive; false where it does not answer.
    boolean stuck(String address) {
        try {
            return ask(address, "live").statusCode() == 503;
        } catch (IOException e) {
            return false;
        }
    }

    /// What keeps a service from being ready, in its own words.
    String problems(String address) {
        try {
            StringBuilder text = new StringBuilder();
            for (JsonNode check : JSON.readTree(ask(address, "ready").body()).path("checks")) {
                if (!"UP".equals(check.path("status").asText())) {
                    text.append(text.isEmpty() ? "" : "; ")
                            .append(check.path("name").asText())
                            .append(": ")
                            .append(check.path("data"));
                }
            }
            return text.toString();
        } catch (IOException e) {
            return address + " does not answer";
        }
    }

    private HttpResponse<String> ask(String address, String kind) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/q/health/" + kind))
                .timeout(PATIENCE)
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
