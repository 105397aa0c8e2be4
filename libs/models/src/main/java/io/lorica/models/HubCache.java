package io.lorica.models;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
        return reference(revision)
                .read()
                .filter(HubClient::isCommit)
                .flatMap(commit -> commit(commit).whole());
    }

    /// Remembers at which commit a branch or tag is.
    void remember(String revision, String commit) {
        reference(revision).write(commit);
    }

    private CacheReference reference(String revision) {
        return CacheReference.of(home.resolve("refs"), revision);
    }

    private static String encoded(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8);
    }
}
