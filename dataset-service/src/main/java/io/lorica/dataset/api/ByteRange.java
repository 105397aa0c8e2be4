package io.lorica.dataset.api;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/// A stretch of a file that a caller asks for with `Range: bytes=…`.
///
/// @param first the offset of its first byte
/// @param last the offset of its last byte; before the first where the file has no such bytes
record ByteRange(long first, long last) {

    private static final Pattern SINGLE = Pattern.compile("\\s*bytes\\s*=\\s*(\\d{0,18})\\s*-\\s*(\\d{0,18})\\s*");

    /// The range of a header; empty where there is none, or one that is read as none, such as several ranges at once or
    /// one that ends before it begins.
    static Optional<ByteRange> of(@Nullable String header, long size) {
        Matcher range = SINGLE.matcher(header == null ? "" : header);
        if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
            return Optional.empty();
        }
        if (range.group(1).isEmpty()) {
            long count = Math.min(size, Long.parseLong(range.group(2)));
            return Optional.of(new ByteRange(size - count, size - 1));
        }
        long first = Long.parseLong(range.group(1));
        long wanted = range.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(range.group(2));
        return wanted < first ? Optional.empty() : Optional.of(new ByteRange(first, Math.min(wanted, size - 1)));
    }

    /// Tells whether the file has such bytes.
    boolean satisfiable() {
        return first <= last;
    }

    /// How many bytes it has.
    long length() {
        return last - first + 1;
    }
}
