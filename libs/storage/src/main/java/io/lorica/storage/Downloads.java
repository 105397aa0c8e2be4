package io.lorica.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.UUID;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// Files that are whole or absent.
final class Downloads {

    private Downloads() {}

    /// Writes a stream to a file by way of a temporary neighbour and checks its digest.
    static void write(ObjectKey key, InputStream content, Path file, Optional<String> sha256) {
        Path parent = file.toAbsolutePath().getParent();
        Path part = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID() + ".part");
        try {
            if (parent != null) {
                Files.createDirectories(parent);
            }
            MeasuredStream measured = new MeasuredStream(content);
            Files.copy(measured, part, StandardCopyOption.REPLACE_EXISTING);
            check(key, measured.result(), sha256);
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failure(key, file, e);
        } finally {
            discard(part);
        }
    }

    private static void check(ObjectKey key, StoredDigest got, Optional<String> wanted) {
        if (wanted.isPresent() && !wanted.get().equals(got.sha256())) {
            throw ProductException.of(
                    ErrorCode.DIGEST_MISMATCH,
                    "The object " + key + " has SHA-256 " + got.sha256() + " where " + wanted.get()
                            + " was written: it is damaged in the store. Restore it from a backup or train it again.");
        }
    }

    /// What went wrong with a local file, in words.
    static ProductException failure(ObjectKey key, Path file, IOException cause) {
        if (cause instanceof FileSystemException local && isFull(local)) {
            return ProductException.of(
                    ErrorCode.OUT_OF_DISK,
                    "The disk that holds " + file + " is full. Free some space there and try again.",
                    cause);
        }
        return ProductException.of(
                ErrorCode.STORE_UNAVAILABLE,
                "The object " + key + " could not be copied to " + file + ": " + cause.getMessage() + ".",
                cause);
    }

    private static boolean isFull(FileSystemException failure) {
        String reason = failure.getReason() == null ? String.valueOf(failure.getMessage()) : failure.getReason();
        return reason.contains("No space left") || reason.contains("not enough space") || reason.contains("quota");
    }

    private static void discard(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            part.toFile().deleteOnExit();
        }
    }
}
