package io.lorica.gateway.api;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Random;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@QuarkusTest
@WithTestResource(value = ScriptedServices.class, scope = TestResourceScope.GLOBAL)
class StreamingTest {

    private static final int UPLOAD_BYTES = 100 << 20;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private URI gateway = URI.create("http://127.0.0.1");

    @ConfigProperty(name = "lorica.gateway.port")
    int port;

    @BeforeEach
    void findGateway() {
        gateway = URI.create("http://127.0.0.1:" + port);
    }

    @Test
    void passesAnEventOnBeforeTheNextOneExists() throws Exception {
        // Given
        HttpResponse<InputStream> stream = client.send(
                call("/v1/chat/completions").POST(BodyPublishers.ofString("{}")).build(), BodyHandlers.ofInputStream());
        BufferedReader events = new BufferedReader(new InputStreamReader(stream.body(), StandardCharsets.UTF_8));

        // When
        String first = events.readLine();
        client.send(call("/v1/models/release").build(), BodyHandlers.discarding());
        String rest = events.readAllAsString();

        // Then
        assertThat(stream.headers().firstValue("content-type")).contains("text/event-stream");
        assertThat(first).isEqualTo("data: one");
        assertThat(rest).isEqualTo("\ndata: [DONE]\n\n");
    }

    @Test
    void streamsALargeUpload() throws Exception {
        // Given
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        InputStream source = new RepeatedNoise(UPLOAD_BYTES, digest);

        // When
        HttpResponse<String> answer = client.send(
                call("/v1/files")
                        .POST(BodyPublishers.ofInputStream(() -> source))
                        .build(),
                BodyHandlers.ofString());

        // Then
        JsonNode received = new ObjectMapper().readTree(answer.body());
        assertThat(received.path("bytes").asInt()).isEqualTo(UPLOAD_BYTES);
        assertThat(received.path("sha256").asText()).isEqualTo(HexFormat.of().formatHex(digest.digest()));
    }

    @Test
    void refusesABodyThatSaysItIsTooLarge() throws Exception {
        try (Socket socket = new Socket(gateway.getHost(), gateway.getPort())) {
            // When
            send(
                    socket,
                    "POST /v1/files HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-test\r\ncontent-length: 134217729\r\n\r\n");

            // Then
            assertThat(new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
                            .readLine())
                    .contains("413");
        }
    }

    @Test
    void tellsTheServiceThatTheClientHasGone() throws Exception {
        // Given
        try (Socket socket = new Socket(gateway.getHost(), gateway.getPort())) {
            send(socket, "GET /v1/models/hang HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-test\r\n\r\n");
            assertThat(socket.getInputStream().read()).isPositive();
        }

        // When
        HttpResponse<String> noticed = client.send(call("/v1/models/hung-up").build(), BodyHandlers.ofString());

        // Then
        assertThat(noticed.body()).isEqualTo("yes");
    }

    @Test
    void tellsTheServiceThatTheClientHasGoneBeforeAnyAnswer() throws Exception {
        // Given
        try (Socket socket = new Socket(gateway.getHost(), gateway.getPort())) {
            send(socket, "GET /v1/models/silent HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-test\r\n\r\n");
            client.send(call("/v1/models/silent-asked").build(), BodyHandlers.discarding());
        }

        // When
        HttpResponse<String> noticed =
                client.send(call("/v1/models/silent-left").build(), BodyHandlers.ofString());

        // Then
        assertThat(noticed.body()).isEqualTo("yes");
    }

    @Test
    void breaksOffAnAnswerThatTheServiceBrokeOff() {
        assertThatThrownBy(() -> client.send(call("/v1/files/broken-off").build(), BodyHandlers.ofString()))
                .isInstanceOf(IOException.class);
    }

    private HttpRequest.Builder call(String path) {
        return HttpRequest.newBuilder(gateway.resolve(path))
                .timeout(Duration.ofMinutes(2))
                .header("authorization", "Bearer sk-test");
    }

    private static void send(Socket socket, String head) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(head.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /// Noise that is digested as it is read, so that it is never held as a whole.
    private static final class RepeatedNoise extends InputStream {

        private final byte[] noise = new byte[8191];
        private final MessageDigest digest;
        private long left;

        RepeatedNoise(long length, MessageDigest digest) {
            this.left = length;
            this.digest = digest;
            new Random(1).nextBytes(noise);
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException("Read in bulk");
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            if (left == 0) {
                return -1;
            }
            int count = (int) Math.min(Math.min(length, noise.length), left);
            System.arraycopy(noise, 0, into, offset, count);
            digest.update(noise, 0, count);
            left -= count;
            return count;
        }
    }
}
