package io.lorica.models;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// A small file of the cache that says which entry a name, such as a branch or a prefix, was fetched as last.
///
/// @param file where it is
record CacheReference(Path file) {

    /// The reference of a name.
    ///
    /// @param directory where references are kept
    static CacheReference of(Path directory, String name) {
        return new CacheReference(directory.resolve(URLEncoder.encode(name, StandardCharsets.UTF_8) + ".ref"));
    }

    /// The name of the entry, empty where nothing was fetched.
    Optional<String> read() {
        try {
            return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        } catch (IOException e) {
            throw DiskSpace.failure(file, e);
        }
    }

    /// Names the entry; readers see the old name or the new one, never a part.
    void write(String entry) {
        try {
            Files.createDirectories(file.getParent());
            Path fresh = Files.createTempFile(file.getParent(), "new", ".tmp");
            Files.writeString(fresh, entry);
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw DiskSpace.failure(file, e);
        }
    }
}
