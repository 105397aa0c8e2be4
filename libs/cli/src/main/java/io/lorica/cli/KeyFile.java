package io.lorica.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

import org.jspecify.annotations.Nullable;

/// The API key of this installation: made once, readable by its owner only.
///
/// @param file where it is kept
record KeyFile(Path file) {

    private static final int KEY_BYTES = 24;

    /// The given key, or else the kept one, or else a fresh one that is kept from now on.
    String key(@Nullable String given) {
        if (given != null && !given.isBlank()) {
            return given;
        }
        try {
            if (!Files.exists(file)) {
                write();
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("the API key in " + file + " cannot be read or written", e);
        }
    }

    private void write() throws IOException {
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        Path target = file.toAbsolutePath();
        Files.createDirectories(target.getParent());
        // Readable by nobody else from its first byte on, and whole under its name: two commands may start at once.
        Path fresh = Files.createTempFile(target.getParent(), "api-key", ".new");
        try {
            Files.writeString(fresh, "lorica-" + HexFormat.of().formatHex(random) + "\n");
            Files.createLink(target, fresh);
        } catch (FileAlreadyExistsException e) {
            // The other command's key counts.
            return;
        } finally {
            Files.deleteIfExists(fresh);
        }
    }
}
