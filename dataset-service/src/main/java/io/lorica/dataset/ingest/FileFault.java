package io.lorica.dataset.ingest;

import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;

/// Recognises files that are no JSON lines at all, which a fault for each line would hide.
final class FileFault {

    /// Bytes that are looked at.
    static final int HEAD = 4;

    private static final String EACH_ON_A_LINE = "write each row on a line of its own, for example with jq -c ";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private FileFault() {}

    /// The fault of a file that begins with these bytes.
    static Optional<String> ofBytes(byte[] head) {
        if (begins(head, 0xFF, 0xFE) || begins(head, 0xFE, 0xFF) || zeroAt(head, 0) || zeroAt(head, 1)) {
            return Optional.of("The file is UTF-16 or UTF-32, not UTF-8; save it as UTF-8 and upload it again.");
        }
        if (begins(head, 0x1F, 0x8B) || begins(head, 'P', 'K', 3, 4) || begins(head, 0x28, 0xB5, 0x2F, 0xFD)) {
            return Optional.of("The file is compressed; unpack it and upload the JSON lines in it.");
        }
        if (begins(head, 'P', 'A', 'R', '1')) {
            return Optional.of("The file is Parquet; write it as JSON lines, one row a line, and upload that.");
        }
        return Optional.empty();
    }

    /// Tells whether the first line that is not blank can be the beginning of something else than a row.
    static boolean isSuspicious(String first) {
        return first.startsWith("[") || (first.startsWith("{") && breaksOff(first));
    }

    /// The fault of a file whose first lines are these.
    ///
    /// @param first the first line that is not blank
    /// @param next lines behind it, as many as are at hand
    static Optional<String> ofLines(String first, List<String> next) {
        boolean breaksOff = breaksOff(first);
        if (first.startsWith("[") && (breaksOff || (next.isEmpty() && isWhole(first)))) {
            return Optional.of("The file is one JSON array; " + EACH_ON_A_LINE + "'.[]'.");
        }
        if (first.startsWith("{") && breaksOff && !next.isEmpty() && goesOn(first, next)) {
            return Optional.of("The file has JSON values of several lines each; " + EACH_ON_A_LINE + "'.'.");
        }
        return Optional.empty();
    }

    /// Tells whether the value that the first line begins is carried on by the next ones.
    private static boolean goesOn(String first, List<String> next) {
        String text = first + "\n" + String.join("\n", next);
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            parser.skipChildren();
            return true;
        } catch (JsonProcessingException e) {
            return RowJson.breaksOff(e);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static boolean breaksOff(String line) {
        try {
            RowJson.read(line);
            return false;
        } catch (JsonProcessingException e) {
            return RowJson.breaksOff(e);
        }
    }

    private static boolean isWhole(String line) {
        try {
            RowJson.read(line);
            return true;
        } catch (JsonProcessingException e) {
            return false;
        }
    }

    private static boolean begins(byte[] head, int... bytes) {
        for (int index = 0; index < bytes.length; index++) {
            if (index >= head.length || (head[index] & 0xFF) != bytes[index]) {
                return false;
            }
        }
        return true;
    }

    private static boolean zeroAt(byte[] head, int index) {
        return head.length > index && head[index] == 0;
    }
}
