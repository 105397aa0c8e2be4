package io.lorica.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, "lorica-" + HexFormat.of().formatHex(random) + "\n");
        if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        }
    }
}
