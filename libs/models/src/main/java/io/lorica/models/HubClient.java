package io.lorica.models;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.FailureWords;
import io.lorica.contracts.error.ProductException;
import org.jspecify.annotations.Nullable;

/// Talks to a Hugging Face hub: what a repository holds, and its files, resumable and checked.
final class HubClient {

    private static final ObjectMapper JSON = new ObjectMapper();
    // The commit becomes the name of a directory: nothing else may be taken for one.
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40,64}");

    private final HubConnection connection;

    HubClient(HubConnection connection) {
        this.connection = connection;
    }

    /// A repository at one commit.
    record Revision(String commit, List<RemoteFile> files) {
        Revision {
            files = List.copyOf(files);
        }

        /// The names of all files.
        List<String> names() {
            return files.stream().map(RemoteFile::name).toList();
        }
    }

    /// A file of a repository.
    ///
    /// @param name its path
    /// @param size its length in bytes, -1 where the hub does not say
    /// @param sha256 its digest, known for large files
    /// @param gitBlob its git object id, known for small files
    record RemoteFile(
            String name,
            long size,
            @Nullable String sha256,
            @Nullable String gitBlob) {}

    /// Whether a text is a commit and so names the same files for ever.
    static boolean isCommit(String revision) {
        return COMMIT.matcher(revision).matches();
    }

    /// What the repository holds. A hub that cannot be reached is given up within seconds.
    Revision revision(ModelSource.Hub repository) {
        URI address = URI.create(connection.endpoint() + "/api/models/" + repository.repository() + "/revision/"
                + URLEncoder.encode(repository.revision(), StandardCharsets.UTF_8) + "?blobs=true");
        JsonNode tree;
        try (HubConnection.Answer answer =
                connection.get(address, Map.of(), connection.patience().brief())) {
            tree = JSON.readTree(answer.body().readAllBytes());
        } catch (IOException e) {
            throw failure(repository, e);
        }
        if (!isCommit(tree.path("sha").asText())) {
            throw unreachable("its answer names no commit, so it is not a hub", null);
        }
        List<RemoteFile> files = new ArrayList<>();
        tree.path("siblings").forEach(file -> files.add(remoteFile(file)));
        return new Revision(
                tree.path("sha").asText(),
                files.stream().filter(file -> staysInside(file.name())).toList());
    }

    // Names become paths below the cache.
    private static boolean staysInside(String name) {
        Path path = Path.of(name);
        return !path.isAbsolute() && path.normalize().toString().equals(name) && !path.startsWith("..");
    }

    private static RemoteFile remoteFile(JsonNode file) {
        JsonNode large = file.path("lfs");
        return new RemoteFile(
                file.path("rfilename").asText(),
                large.path("size").asLong(file.path("size").asLong(-1)),
                large.path("sha256").asText(null),
                large.isObject() ? null : file.path("blobId").asText(null));
    }

    /// Reads a small file.
    byte[] read(ModelSource.Hub repository, Revision revision, String name) {
        try (HubConnection.Answer answer = connection.get(
                address(repository, revision, name),
                Map.of(),
                connection.patience().brief())) {
            return answer.body().readAllBytes();
        } catch (IOException e) {
            throw failure(repository, e);
        }
    }

    /// Reads a part of a file.
    byte[] read(ModelSource.Hub repository, Revision revision, String name, long offset, int length) {
        Map<String, String> range = Map.of("Range", "bytes=" + offset + "-" + (offset + length - 1));
        try (HubConnection.Answer answer = connection.get(
                address(repository, revision, name),
                range,
                connection.patience().brief())) {
            answer.body().skipNBytes(offset - begin(answer));
            byte[] bytes = answer.body().readNBytes(length);
            if (bytes.length < length) {
                throw new IOException("it ended after " + (offset + bytes.length) + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw failure(repository, e);
        }
    }

    /// Downloads what a model needs, several files at once; what an earlier try has left is gone on with.
    void download(
            ModelSource.Hub repository,
            Revision revision,
            Predicate<String> needed,
            Path target,
            FetchProgress progress) {
        List<RemoteFile> files = sized(revision, needed);
        long total = files.stream().mapToLong(RemoteFile::size).sum();
        DiskSpace.require(target, total - PartialFile.bytesPresent(target, files));
        AtomicLong done = new AtomicLong();
        ParallelDownloads.runAll(files.stream()
                .map(file -> (Runnable) () -> new PartialFile(target, file, connection.patience())
                        .complete(
                                (offset, sink) -> transfer(repository, revision, file, offset, sink),
                                count -> progress.report(file.name(), done.addAndGet(count), total)))
                .toList());
    }

    /// Files of a revision, whose sizes the hub must tell.
    List<RemoteFile> sized(Revision revision, Predicate<String> needed) {
        List<RemoteFile> files = revision.files().stream()
                .filter(file -> needed.test(file.name()))
                .toList();
        files.stream().filter(file -> file.size() < 0).findFirst().ifPresent(file -> {
            throw unreachable("it does not tell the size of " + file.name(), null);
        });
        return files;
    }

    private void transfer(
            ModelSource.Hub repository, Revision revision, RemoteFile file, long offset, PartialFile.Sink sink)
            throws IOException {
        Map<String, String> range = offset > 0 ? Map.of("Range", "bytes=" + offset + "-") : Map.of();
        HubConnection.Answer answer;
        try {
            answer = connection.get(address(repository, revision, file.name()), range, connection.patience());
        } catch (IOException e) {
            throw failure(repository, e);
        }
        try (answer) {
            sink.accept(answer.body(), begin(answer));
        }
    }

    // A server may send the whole file although a part was asked for.
    private static long begin(HubConnection.Answer answer) throws IOException {
        if (answer.status() != 206) {
            return 0;
        }
        String range = answer.headers().firstValue("content-range").orElse("");
        if (!range.matches("bytes \\d{1,18}-.*")) {
            throw new IOException("a part came without its place in the file");
        }
        return Long.parseLong(range.substring("bytes ".length(), range.indexOf('-')));
    }

    private URI address(ModelSource.Hub repository, Revision revision, String name) {
        String path = URLEncoder.encode(name, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
        return URI.create(
                connection.endpoint() + "/" + repository.repository() + "/resolve/" + revision.commit() + "/" + path);
    }

    private ProductException failure(ModelSource.Hub repository, IOException failure) {
        if (!(failure instanceof HubConnection.Refusal refusal)) {
            return unreachable(FailureWords.of(failure), failure);
        }
        return switch (refusal.status()) {
            case 401, 403 -> notShown(repository, refusal);
            case 404 ->
                ProductException.forParameter(
                        ErrorCode.MODEL_NOT_FOUND,
                        "model",
                        "The hub at " + connection.endpoint() + " has no model '" + repository.repository()
                                + "' at revision '" + repository.revision()
                                + "'. Check the name, or give a local directory.");
            default -> unreachable(FailureWords.of(refusal), refusal);
        };
    }

    private ProductException notShown(ModelSource.Hub repository, HubConnection.Refusal refusal) {
        String page = connection.endpoint() + "/" + repository.repository();
        String reason = refusal.code().equals("GatedRepo")
                ? "asks you to accept its terms first: open " + page + " and do so"
                : "does not exist, is private, or asks you to accept its terms on " + page;
        String remedy = connection.hasToken()
                ? "Check that the token in HF_TOKEN may read it."
                : "Set HF_TOKEN to a token that may read it.";
        return ProductException.forParameter(
                ErrorCode.MODEL_NOT_FOUND,
                "model",
                "The hub does not show '" + repository.repository() + "' to you (HTTP " + refusal.status() + "): it "
                        + reason + ". " + remedy);
    }

    private ProductException unreachable(String reason, @Nullable Exception cause) {
        String message = "The hub at " + connection.endpoint() + " cannot be used: " + reason
                + ". Check the network, HTTPS_PROXY and HF_ENDPOINT, or give a local directory as the model.";
        return cause == null
                ? ProductException.of(ErrorCode.HUB_UNAVAILABLE, message)
                : ProductException.of(ErrorCode.HUB_UNAVAILABLE, message, cause);
    }
}
