package io.lorica.models;

import java.io.IOException;
import java.io.InputStream;
import java.net.Authenticator;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.jspecify.annotations.Nullable;

/// Sends requests to one hub: shows the token to it and to nobody else, follows where it points, and repeats what fails
/// by chance. Safe for use by many threads.
final class HubConnection {

    private static final int MAX_REDIRECTS = 5;
    // Such as: "api";r=0;t=55 — no requests are left, and the count starts anew after 55 seconds.
    private static final Pattern RATE_LIMIT = Pattern.compile("\"[^\"]+\"\\s*;\\s*r=0\\s*;\\s*t=(\\d{1,6})");

    private final URI endpoint;
    private final Optional<String> token;
    private final HttpClient http;
    private final Patience patience;

    HubConnection(URI endpoint, Optional<String> token, Map<String, String> environment, Patience patience) {
        this.endpoint = URI.create(endpoint.toString().replaceAll("/+$", ""));
        this.token = token.map(String::strip).filter(value -> !value.isEmpty());
        this.patience = patience;
        EnvironmentProxy proxy = new EnvironmentProxy(environment);
        this.http = client(proxy, proxy.authenticator().orElse(null));
    }

    private static HttpClient client(ProxySelector proxy, @Nullable Authenticator proxyPassword) {
        // Redirects are followed by hand: the token is for the hub, not for where it sends us.
        HttpClient.Builder builder = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(15))
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(proxy);
        if (proxyPassword != null) {
            // Java sends no password to a proxy that tunnels unless it is told that this is wanted.
            if (System.getProperty("jdk.http.auth.tunneling.disabledSchemes") == null) {
                System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
            }
            builder.authenticator(proxyPassword);
        }
        return builder.build();
    }

    /// An answer, as a stream of bytes.
    ///
    /// @param status the HTTP status, always one of success
    /// @param headers the headers
    /// @param body the bytes; whoever asked closes them
    record Answer(int status, HttpHeaders headers, InputStream body) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    /// An answer that is not a success.
    static final class Refusal extends IOException {
        private static final long serialVersionUID = 1L;

        private final int status;
        private final String code;

        Refusal(int status, String code) {
            super("it answers HTTP " + status);
            this.status = status;
            this.code = code;
        }

        /// The HTTP status.
        int status() {
            return status;
        }

        /// The hub's own name for the failure, such as `GatedRepo`, empty where it gives none.
        String code() {
            return code;
        }
    }

    /// The hub's address, without a slash at its end.
    URI endpoint() {
        return endpoint;
    }

    /// Whether requests carry a token.
    boolean hasToken() {
        return token.isPresent();
    }

    /// How long this connection waits.
    Patience patience() {
        return patience;
    }

    /// Sends a request, repeatedly where that may help.
    ///
    /// @throws Refusal when the hub answers, but not with what was asked for
    /// @throws IOException when the hub does not answer
    Answer get(URI address, Map<String, String> headers, Patience trying) throws IOException {
        long end = System.nanoTime() + trying.total().toNanos();
        for (int attempt = 1; ; attempt++) {
            Duration pause = trying.pause(attempt);
            try {
                HttpResponse<InputStream> answer = follow(address, headers, left(end, trying.silence()));
                int status = answer.statusCode();
                if (status < 300) {
                    Duration silence = shorter(trying.silence(), trying.total());
                    return new Answer(status, answer.headers(), new WatchedStream(answer.body(), silence));
                }
                answer.body().close();
                pause = askedFor(answer).map(trying::wait).orElse(pause);
                if (!repeatable(status) || attempt >= trying.tries() || over(end, pause)) {
                    throw new Refusal(
                            status, answer.headers().firstValue("x-error-code").orElse(""));
                }
            } catch (Refusal e) {
                throw e;
            } catch (IOException e) {
                if (attempt >= trying.tries()
                        || over(end, pause)
                        || Thread.currentThread().isInterrupted()) {
                    throw e;
                }
            }
            sleep(pause);
        }
    }

    private static Duration left(long end, Duration most) {
        return shorter(most, Duration.ofNanos(Math.max(1_000_000, end - System.nanoTime())));
    }

    private static boolean over(long end, Duration pause) {
        return end - System.nanoTime() <= pause.toNanos();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static boolean repeatable(int status) {
        return status == 408 || status == 429 || status >= 500;
    }

    private HttpResponse<InputStream> follow(URI address, Map<String, String> headers, Duration patience)
            throws IOException {
        URI next = address;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HttpResponse<InputStream> answer = exchange(next, headers, patience);
            Optional<String> location = answer.headers().firstValue("location");
            if (answer.statusCode() < 300 || answer.statusCode() >= 400 || location.isEmpty()) {
                return answer;
            }
            answer.body().close();
            next = resolve(next, location.get());
        }
        throw new IOException("too many redirects from " + address);
    }

    private static URI resolve(URI from, String location) throws IOException {
        try {
            return from.resolve(location);
        } catch (IllegalArgumentException e) {
            throw new IOException("it points to an address that is none", e);
        }
    }

    private HttpResponse<InputStream> exchange(URI address, Map<String, String> headers, Duration patience)
            throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .timeout(patience)
                .header("User-Agent", "lorica")
                // Packed bytes would have other lengths and other offsets than the file.
                .header("Accept-Encoding", "identity");
        headers.forEach(request::header);
        if (ofTheHub(address)) {
            token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    // The scheme counts: a token that was meant for TLS must not go out in the clear.
    private boolean ofTheHub(URI address) {
        return endpoint.getScheme().equals(address.getScheme())
                && endpoint.getAuthority().equals(address.getAuthority());
    }

    private static Optional<Duration> askedFor(HttpResponse<?> answer) {
        Optional<String> limit = answer.headers().firstValue("ratelimit").flatMap(HubConnection::reset);
        return limit.or(() -> answer.headers().firstValue("retry-after"))
                .map(String::strip)
                .filter(value -> value.matches("\\d{1,6}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)));
    }

    private static Optional<String> reset(String header) {
        Matcher limit = RATE_LIMIT.matcher(header);
        return limit.find() ? Optional.of(limit.group(1)) : Optional.empty();
    }

    /// Waits; an interrupt ends the download.
    static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProductException.of(ErrorCode.HUB_UNAVAILABLE, "The download was interrupted.", e);
        }
    }
}
