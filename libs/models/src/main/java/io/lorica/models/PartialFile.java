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
/// right. One thread of one process works on it.
final class PartialFile {

    private static final int BUFFER = 1 << 18;

    private final HubClient.RemoteFile remote;
    private final Path target;
    private final Path part;
    private final Patience patience;

    PartialFile(Path directory, HubClient.RemoteFile remote, Patience patience) {
        this.remote = remote;
        this.target = directory.resolve(remote.name());
        this.part = directory.resolve(remote.name() + ".part");
        this.patience = patience;
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
                .mapToLong(file -> Math.min(
                        file.size(),
                        Math.max(size(directory.resolve(file.name())), size(directory.resolve(file.name() + ".part")))))
                .sum();
    }

    /// Fetches what is missing. A connection that breaks is taken up where it broke; a file that arrives damaged is
    /// fetched once more from its beginning, as its first bytes may be an earlier try's.
    ///
    /// @param progress told how many bytes came, or with a negative number how many are given up
    void complete(Transfer transfer, LongConsumer progress) {
        if (Files.exists(target) && size(target) == remote.size()) {
            progress.accept(remote.size());
            return;
        }
        progress.accept(size(part));
        try {
            fill(transfer, progress);
            if (!intact()) {
                discard(progress);
                fill(transfer, progress);
                requireIntact(progress);
            }
            Files.move(part, target, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw DiskSpace.failure(target, e);
        }
    }

    // Only tries without a single new byte count: a long file may break off often and still arrive.
    private void fill(Transfer transfer, LongConsumer progress) throws IOException {
        int vain = 0;
        while (!Files.exists(part) || size(part) != remote.size()) {
            long before = size(part);
            if (before > remote.size()) {
                discard(progress);
                before = 0;
            }
            IOException cause = new IOException("the file ended early");
            try {
                transfer.from(before, (bytes, offset) -> append(bytes, offset, progress));
            } catch (IOException e) {
                cause = e;
            }
            vain = size(part) > before ? 0 : vain + 1;
            if (vain == patience.tries()) {
                throw brokenOff(cause);
            }
            if (size(part) != remote.size()) {
                HubConnection.sleep(patience.pause(vain + 1));
            }
        }
    }

    private ProductException brokenOff(IOException cause) {
        return ProductException.of(
                ErrorCode.HUB_UNAVAILABLE,
                "The download of " + remote.name() + " broke off " + patience.tries() + " times at byte " + size(part)
                        + " of " + remote.size() + ". What has arrived is kept; try again and it goes on from there.",
                cause);
    }

    private void append(InputStream bytes, long offset, LongConsumer progress) throws IOException {
        if (offset > size(part)) {
            throw new IOException("the bytes begin at " + offset + " where " + size(part) + " are here");
        }
        try (RandomAccessFile file = open(offset, progress)) {
            byte[] buffer = new byte[BUFFER];
            for (int count = bytes.read(buffer); count >= 0; count = bytes.read(buffer)) {
                write(file, buffer, count);
                progress.accept(count);
            }
            sync(file);
        }
    }

    private RandomAccessFile open(long offset, LongConsumer progress) {
        try {
            Files.createDirectories(part.toAbsolutePath().getParent());
            RandomAccessFile file = new RandomAccessFile(part.toFile(), "rw");
            progress.accept(offset - file.length());
            file.setLength(offset);
            file.seek(offset);
            return file;
        } catch (IOException e) {
            throw DiskSpace.failure(target, e);
        }
    }

    // A full disk is not a broken connection, and asking the hub again would not help.
    private void write(RandomAccessFile file, byte[] buffer, int count) {
        try {
            file.write(buffer, 0, count);
        } catch (IOException e) {
            throw DiskSpace.failure(target, e);
        }
    }

    // A name must not survive a power failure that its bytes did not.
    private void sync(RandomAccessFile file) {
        try {
            file.getFD().sync();
        } catch (IOException e) {
            throw DiskSpace.failure(target, e);
        }
    }

    private boolean intact() throws IOException {
        return wanted().isEmpty() || wanted().equals(digest());
    }

    private void requireIntact(LongConsumer progress) throws IOException {
        if (!intact()) {
            String got = digest();
            discard(progress);
            throw ProductException.of(
                    ErrorCode.DIGEST_MISMATCH,
                    "The file " + remote.name() + " arrived damaged twice: its digest is " + got
                            + " where the hub names " + wanted() + ". Nothing of it was kept. Try again; if it happens"
                            + " again, look for a proxy or mirror on the way that changes files.");
        }
    }

    private void discard(LongConsumer progress) throws IOException {
        progress.accept(-size(part));
        Files.deleteIfExists(part);
    }

    private String wanted() {
        if (remote.sha256() != null) {
            return remote.sha256();
        }
        return remote.gitBlob() == null ? "" : remote.gitBlob();
    }

    private String digest() throws IOException {
        return remote.sha256() != null ? Digests.sha256(part) : gitBlob();
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
