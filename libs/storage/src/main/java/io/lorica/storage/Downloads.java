package io.lorica.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.FailureWords;
import io.lorica.contracts.error.ProductException;

/// Files that are whole or absent, and what to say when a local file or a caller's stream fails.
final class Downloads {

    private Downloads() {}

    /// Writes a stream to a file by way of a temporary neighbour and checks its digest.
    ///
    /// @throws IOException if the stream broke off; a failure of the local disk is a [ProductException]
    static void write(ObjectKey key, InputStream content, Path file, Optional<String> sha256) throws IOException {
        Path target = file.toAbsolutePath();
        Path part = target.resolveSibling(target.getFileName() + "." + UUID.randomUUID() + ".part");
        MeasuredStream measured = new MeasuredStream(content);
        try {
            Files.createDirectories(target.resolveSibling("").normalize());
            Files.copy(measured, part);
            check(key, measured.result(), sha256);
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (measured.failure().isPresent()) {
                throw e;
            }
            throw failure(key, target, e);
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
        if (isFull(cause)) {
            return ProductException.of(
                    ErrorCode.OUT_OF_DISK,
                    "The disk that holds " + file + " is full. Free some space there and try again.",
                    cause);
        }
        return ProductException.of(
                ErrorCode.STORE_UNAVAILABLE,
                "The object " + key + " could not be kept in " + file + ": " + FailureWords.of(cause)
                        + ". Check that the directory exists and may be written to.",
                cause);
    }

    /// The words for content that ended before it was whole.
    static ProductException brokenOff(ObjectKey key, MeasuredStream content, IOException cause) {
        return ProductException.of(
                ErrorCode.INVALID_REQUEST,
                "The content for " + key + " broke off after " + content.size() + " bytes: " + FailureWords.of(cause)
                        + ". Nothing was stored; send it again.",
                cause);
    }

    /// The words for a local file that cannot be read while it is uploaded.
    static ProductException unreadable(ObjectKey key, Path file, IOException cause) {
        return ProductException.of(
                ErrorCode.STORE_UNAVAILABLE,
                "The file " + file + " could not be read for " + key + ": " + FailureWords.of(cause)
                        + ". Check that it is there and may be read.",
                cause);
    }

    /// The words for an upload that a stopping service gave up.
    static ProductException interrupted(ObjectKey key, InterruptedException cause) {
        return ProductException.of(
                ErrorCode.STORE_UNAVAILABLE,
                "The upload of " + key + " was interrupted because the service stops; nothing was stored.",
                cause);
    }

    /// Removes a temporary file.
    static void discard(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            part.toFile().deleteOnExit();
        }
    }

    // Java has no exception of its own for a full disk, only the system's words.
    private static boolean isFull(IOException failure) {
        String reason = String.valueOf(failure.getMessage()).toLowerCase(Locale.ROOT);
        return Stream.of("no space left", "not enough space", "disk quota exceeded")
                .anyMatch(reason::contains);
    }
}
