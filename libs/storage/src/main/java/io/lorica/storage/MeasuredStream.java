package io.lorica.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/// Counts and digests what is read through it.
final class MeasuredStream extends FilterInputStream {

    private final MessageDigest digest = Digests.sha256();
    private long size;

    MeasuredStream(InputStream in) {
        super(in);
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        if (value >= 0) {
            digest.update((byte) value);
            size++;
        }
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        if (count > 0) {
            digest.update(buffer, offset, count);
            size += count;
        }
        return count;
    }

    // A digest cannot go back, so neither can the stream.
    @Override
    public boolean markSupported() {
        return false;
    }

    StoredDigest result() {
        return new StoredDigest(size, Digests.hex(digest.digest()));
    }
}
