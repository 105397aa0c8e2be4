package io.lorica.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Optional;

/// Counts and digests what is read through it, and remembers whether the source broke off.
final class MeasuredStream extends FilterInputStream {

    private final MessageDigest digest = Digests.sha256();
    private long size;
    private Optional<IOException> failure = Optional.empty();

    MeasuredStream(InputStream in) {
        super(in);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int count = super.read(buffer, offset, length);
            if (count > 0) {
                digest.update(buffer, offset, count);
                size += count;
            }
            return count;
        } catch (IOException e) {
            failure = Optional.of(e);
            throw e;
        }
    }

    // A digest cannot go back, so neither can the stream.
    @Override
    public boolean markSupported() {
        return false;
    }

    /// What ended the stream before its time, empty where nothing did.
    Optional<IOException> failure() {
        return failure;
    }

    /// How many bytes came through.
    long size() {
        return size;
    }

    StoredDigest result() {
        return new StoredDigest(size, Digests.hex(digest.digest()));
    }
}
