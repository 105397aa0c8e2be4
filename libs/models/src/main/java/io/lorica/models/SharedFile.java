package io.lorica.models;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A file of the cache that is in two places and takes the room of one.
final class SharedFile {

    private SharedFile() {}

    /// Puts a file that is whole into a second place as well; either can be deleted without the other. What
    /// an interrupted try left there is replaced. Where a disk cannot link, the file is copied.
    static void link(Path file, Path place) {
        try {
            Files.createDirectories(place.toAbsolutePath().getParent());
            Files.deleteIfExists(place);
            try {
                Files.createLink(place, file);
            } catch (UnsupportedOperationException | IOException e) {
                Files.copy(file, place);
            }
        } catch (IOException e) {
            throw DiskSpace.failure(place, e);
        }
    }
}
