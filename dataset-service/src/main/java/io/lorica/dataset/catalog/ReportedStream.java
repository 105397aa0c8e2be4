package io.lorica.dataset.catalog;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/// A file's content on its way to be formatted, which tells how much of it was read.
final class ReportedStream extends FilterInputStream {

    private final long total;
    private final FormattingProgress progress;
    private long done;

    ReportedStream(InputStream content, long total, FormattingProgress progress) {
        super(content);
        this.total = total;
        this.progress = progress;
    }

    @Override
    public int read() throws IOException {
        int next = super.read();
        count(next < 0 ? 0 : 1);
        return next;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int count = super.read(buffer, offset, length);
        count(Math.max(count, 0));
        return count;
    }

    private void count(int bytes) {
        done += bytes;
        progress.formatted(done, total);
    }
}
