package io.lorica.models;

import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.jspecify.annotations.Nullable;

/// Talks to a Hugging Face hub: what a repository holds, and its files, resumable and checked.
final class HubClient {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PARALLEL_FILES = 4;
    private static final int TRIES = 5;
    private static final int MAX_REDIRECTS = 5;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    private final URI endpoint;
    private final Optional<String> token;
    private final HttpClient http;

    HubClient(URI endpoint, Optional<String> token) {
        this.endpoint = URI.create(endpoint.toString().replaceAll("/+$", ""));
        this.token = token;
        // Redirects are followed by hand: the token is for the hub, not for where it sends us.
        this.http = HttpClient.newBuilder()
                .connectTimeout(Duration.ofSeconds(15))
                .followRedirects(HttpClient.Redirect.NEVER)
                .proxy(ProxySelector.getDefault())
                .build();
    }

    /// A repository at one commit.
    record Revision(String commit, List<RemoteFile> files) {
        Revision {
            files = List.copyOf(files);
        }
    }

    /// A file of a repository.
    ///
    /// @param name its path
    /// @param size its length in bytes
    /// @param sha256 its digest, known for large files
    /// @param gitBlob its git object id, known for small files
    record RemoteFile(
            String name,
            long size,
            @Nullable String sha256,
            @Nullable String gitBlob) {}

    /// What the repository holds.
    Revision revision(ModelSource.Hub repository) {
        URI address = URI.create(endpoint + "/api/models/" + repository.repository() + "/revision/"
                + URLEncoder.encode(repository.revision(), StandardCharsets.UTF_8) + "?blobs=true");
        HttpResponse<byte[]> answer = send(repository, address, HttpResponse.BodyHandlers.ofByteArray(), Map.of());
        try {
            JsonNode tree = JSON.readTree(answer.body());
            List<RemoteFile> files = new ArrayList<>();
            tree.path("siblings").forEach(file -> files.add(remoteFile(file)));
            return new Revision(tree.path("sha").asText(), files);
        } catch (IOException e) {
            throw unreachable("its answer is not JSON", e);
        }
    }

    private static RemoteFile remoteFile(JsonNode file) {
        JsonNode large = file.path("lfs");
        return new RemoteFile(
                file.path("rfilename").asText(),
                large.path("size").asLong(file.path("size").asLong()),
                large.path("sha256").asText(null),
                large.isMissingNode() ? file.path("blobId").asText(null) : null);
    }

    /// Reads a small file.
    byte[] read(ModelSource.Hub repository, Revision revision, String name) {
        return send(repository, address(repository, revision, name), HttpResponse.BodyHandlers.ofByteArray(), Map.of())
                .body();
    }

    /// Downloads what a model needs, several files at once; what an earlier try has left is gone on with.
    void download(ModelSource.Hub repository, Revision revision, Path target, FetchProgress progress) {
        List<RemoteFile> files = revision.files().stream()
                .filter(file -> ModelFiles.needed(file.name()))
                .toList();
        long total = files.stream().mapToLong(RemoteFile::size).sum();
        DiskSpace.require(target, total - PartialFile.bytesPresent(target, files));
        AtomicLong done = new AtomicLong();
        List<Callable<String>> downloads = new ArrayList<>();
        for (RemoteFile file : files) {
            downloads.add(() -> {
                new PartialFile(target, file)
                        .complete(
                                (offset, sink) -> transfer(repository, revision, file, offset, sink),
                                count -> progress.report(file.name(), done.addAndGet(count), total));
                return file.name();
            });
        }
        runAll(downloads);
    }

    private static void runAll(List<Callable<String>> downloads) {
        try (ExecutorService executor = Executors.newFixedThreadPool(
                PARALLEL_FILES, Thread.ofVirtual().name("download-", 0).factory())) {
            for (Future<String> download : executor.invokeAll(downloads)) {
                download.get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProductException failure) {
                throw failure;
            }
            throw new IllegalStateException("a download broke off", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProductException.of(ErrorCode.HUB_UNAVAILABLE, "The download was interrupted.", e);
        }
    }

    private void transfer(
            ModelSource.Hub repository, Revision revision, RemoteFile file, long offset, PartialFile.Sink sink)
            throws IOException {
        Map<String, String> range = offset > 0 ? Map.of("Range", "bytes=" + offset + "-") : Map.of();
        var answer = send(
                repository,
                address(repository, revision, file.name()),
                HttpResponse.BodyHandlers.ofInputStream(),
                range);
        try (var body = answer.body()) {
            sink.accept(body, answer.statusCode() == 206 ? offset : 0);
        }
    }

    private URI address(ModelSource.Hub repository, Revision revision, String name) {
        String path = URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
        return URI.create(endpoint + "/" + repository.repository() + "/resolve/" + revision.commit() + "/" + path);
    }

    private <T> HttpResponse<T> send(
            ModelSource.Hub repository, URI address, HttpResponse.BodyHandler<T> handler, Map<String, String> headers) {
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            HttpResponse<T> answer;
            try {
                answer = follow(address, handler, headers);
            } catch (IOException e) {
                if (attempt == TRIES) {
                    throw unreachable(String.valueOf(e.getMessage()), e);
                }
                sleep(pause);
                pause = longer(pause);
                continue;
            }
            int status = answer.statusCode();
            if (status < 300) {
                return answer;
            }
            if (!(status == 429 || status >= 500) || attempt == TRIES) {
                throw refused(repository, status);
            }
            sleep(retryAfter(answer).orElse(pause));
            pause = longer(pause);
        }
    }

    private <T> HttpResponse<T> follow(URI address, HttpResponse.BodyHandler<T> handler, Map<String, String> headers)
            throws IOException {
        URI next = address;
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(next).timeout(Duration.ofMinutes(5)).header("User-Agent", "lorica");
            headers.forEach(request::header);
            if (sameHost(next)) {
                token.ifPresent(value -> request.header("Authorization", "Bearer " + value));
            }
            HttpResponse<T> answer = exchange(request.build(), handler);
            Optional<String> location = answer.headers().firstValue("location");
            if (answer.statusCode() < 300 || answer.statusCode() >= 400 || location.isEmpty()) {
                return answer;
            }
            next = next.resolve(location.get());
        }
        throw new IOException("too many redirects from " + address);
    }

    private <T> HttpResponse<T> exchange(HttpRequest request, HttpResponse.BodyHandler<T> handler) throws IOException {
        try {
            return http.send(request, handler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private boolean sameHost(URI address) {
        return endpoint.getAuthority().equals(address.getAuthority());
    }

    private ProductException refused(ModelSource.Hub repository, int status) {
        return switch (status) {
            case 401, 403 ->
                ProductException.forParameter(
                        ErrorCode.MODEL_NOT_FOUND,
                        "model",
                        "The hub does not show '" + repository.repository() + "' to you (HTTP " + status
                                + "): it does not exist, is private, or asks you to accept terms first. Set HF_TOKEN to a"
                                + " token that may read it.");
            case 404 ->
                ProductException.forParameter(
                        ErrorCode.MODEL_NOT_FOUND,
                        "model",
                        "The hub at " + endpoint + " has no model '" + repository.repository() + "' at revision '"
                                + repository.revision() + "'. Check the name, or give a local directory.");
            default -> unreachable("it answers HTTP " + status, null);
        };
    }

    private ProductException unreachable(String reason, @Nullable Exception cause) {
        String message = "The hub at " + endpoint + " cannot be used: " + reason
                + ". Check the network, HTTPS_PROXY and HF_ENDPOINT, or give a local directory as the model.";
        return cause == null
                ? ProductException.of(ErrorCode.HUB_UNAVAILABLE, message)
                : ProductException.of(ErrorCode.HUB_UNAVAILABLE, message, cause);
    }

    private static Optional<Duration> retryAfter(HttpResponse<?> answer) {
        return answer.headers()
                .firstValue("retry-after")
                .filter(value -> value.matches("\\d{1,4}"))
                .map(value -> Duration.ofSeconds(Long.parseLong(value)))
                .map(wait -> wait.compareTo(LONGEST_PAUSE) < 0 ? wait : LONGEST_PAUSE);
    }

    private static Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(LONGEST_PAUSE) < 0 ? twice : LONGEST_PAUSE;
    }

    private static void sleep(Duration pause) {
        try {
            Thread.sleep(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProductException.of(ErrorCode.HUB_UNAVAILABLE, "The download was interrupted.", e);
        }
    }
}
