package io.lorica.models;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongConsumer;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.storage.Digests;

/// A file on its way from a hub: grows beside its final name and takes that name once it is whole and its digest is
/// right.
final class PartialFile {

    private static final int TRIES = 6;
    private static final int BUFFER = 1 << 20;

    private final HubClient.RemoteFile remote;
    private final Path target;
    private final Path part;

    PartialFile(Path directory, HubClient.RemoteFile remote) {
        this.remote = remote;
        this.target = directory.resolve(remote.name());
        this.part = directory.resolve(remote.name() + ".part");
    }

    /// Takes the bytes of an answer.
    interface Sink {
        /// @param offset where in the file the bytes begin
        void accept(InputStream bytes, long offset) throws IOException;
    }

    /// Asks for the bytes from an offset on.
    interface Transfer {
        void from(long offset, Sink sink) throws IOException;
    }

    /// How much of the files an earlier try has left.
    static long bytesPresent(Path directory, List<HubClient.RemoteFile> files) {
        return files.stream()
                .map(file -> new PartialFile(directory, file))
                .mapToLong(file -> Math.max(size(file.target), size(file.part)))
                .sum();
    }

    /// Fetches what is missing. A connection that breaks is taken up where it broke.
    void complete(Transfer transfer, LongConsumer progress) {
        if (size(target) == remote.size()) {
            progress.accept(remote.size());
            return;
        }
        progress.accept(size(part));
        IOException last = null;
        for (int i = 0; i < TRIES; i++) {
            try {
                if (size(part) < remote.size() || remote.size() == 0) {
                    transfer.from(size(part), (bytes, offset) -> append(bytes, offset, progress));
                }
                if (size(part) == remote.size()) {
                    check();
                    Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
                    return;
                }
            } catch (IOException e) {
                last = e;
            }
        }
        throw ProductException.of(
                ErrorCode.HUB_UNAVAILABLE,
                "The download of " + remote.name() + " broke off " + TRIES
                        + " times. What has arrived is kept; try again and" + " it goes on from there.",
                last == null ? new IOException("the file ended early") : last);
    }

    private void append(InputStream bytes, long offset, LongConsumer progress) throws IOException {
        Files.createDirectories(part.toAbsolutePath().getParent());
        try (RandomAccessFile file = new RandomAccessFile(part.toFile(), "rw")) {
            file.setLength(offset);
            file.seek(offset);
            byte[] buffer = new byte[BUFFER];
            for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
                file.write(buffer, 0, count);
                progress.accept(count);
            }
        }
    }

    private void check() throws IOException {
        String wanted = remote.sha256() != null ? remote.sha256() : remote.gitBlob();
        if (wanted == null) {
            return;
        }
        String got = remote.sha256() != null ? Digests.sha256(part) : gitBlob();
        if (!got.equals(wanted)) {
            Files.delete(part);
            throw ProductException.of(
                    ErrorCode.DIGEST_MISMATCH,
                    "The file " + remote.name() + " arrived damaged: its digest is " + got + " where the hub names "
                            + wanted + ". Nothing of it was kept; try again.");
        }
    }

    // A git object id is SHA-1 over a header and the bytes.
    private String gitBlob() throws IOException {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            sha1.update(("blob " + size(part) + "\0").getBytes(StandardCharsets.US_ASCII));
            try (InputStream bytes = new DigestInputStream(Files.newInputStream(part), sha1)) {
                bytes.transferTo(OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(sha1.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }
}
