package io.lorica.models;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// What is kept of one hub repository: a directory per commit, and which commit each branch or tag was last
/// seen at. A file that was asked for by its name has the same for itself: a commit that holds it whole need
/// not hold more.
final class HubCache {

    private final Path home;

    HubCache(Path cache, ModelSource.Hub repository) {
        Path whole = cache.resolve("hub").resolve(repository.repository().replace("/", "--"));
        this.home = repository.file() == null ? whole : whole.resolve("gguf").resolve(encoded(repository.file()));
    }

    /// The entry of a commit.
    CacheEntry commit(String commit) {
        return new CacheEntry(home.resolve(commit));
    }

    /// What was fetched last of a branch, tag or commit, if it is whole.
    Optional<Path> kept(String revision) {
        if (HubClient.isCommit(revision)) {
            return commit(revision).whole();
        }
        try {
            Path file = reference(revision);
            return Files.exists(file)
                    ? Optional.of(Files.readString(file))
                            .filter(HubClient::isCommit)
                            .flatMap(commit -> commit(commit).whole())
                    : Optional.empty();
        } catch (IOException e) {
            throw DiskSpace.failure(home, e);
        }
    }

    /// Remembers at which commit a branch or tag is.
    void remember(String revision, String commit) {
        Path file = reference(revision);
        try {
            Files.createDirectories(home.resolve("refs"));
            Path fresh = Files.createTempFile(home.resolve("refs"), "new", ".tmp");
            Files.writeString(fresh, commit);
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw DiskSpace.failure(file, e);
        }
    }

    private Path reference(String revision) {
        return home.resolve("refs").resolve(encoded(revision) + ".ref");
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }
}
