package io.lorica.dataset.file;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// Tells JSON Lines from other kinds of file by their beginning, whatever their name. Single bad lines are no matter:
/// rows
/// are judged when a job reads them.
public final class JsonLinesCheck {

    private static final int BEGINNING = 1 << 16;
    private static final int SHOWN = 40;
    private static final String WANTED = " Training files are JSON Lines in UTF-8: one JSON object a line.";

    private JsonLinesCheck() {}

    /// Refuses a file that is no JSON Lines, by what it is.
    ///
    /// @throws ProductException with `INVALID_TRAINING_FILE`
    public static void check(Path file, String name) {
        fault(beginning(file)).ifPresent(fault -> {
            throw ProductException.forParameter(
                    ErrorCode.INVALID_TRAINING_FILE, "file", "The file '" + name + "' " + fault + WANTED);
        });
    }

    /// The reason against a file that begins so; empty where there is none.
    static Optional<String> fault(byte[] beginning) {
        if (startsWith(beginning, 0x1f, 0x8b)) {
            return Optional.of("is compressed with gzip; unpack it.");
        }
        if (startsWith(beginning, 'P', 'K', 3, 4)) {
            return Optional.of("is a ZIP archive or an Office document; unpack or export it.");
        }
        if (startsWith(beginning, 'P', 'A', 'R', '1')) {
            return Optional.of("is a Parquet file; write its rows as JSON.");
        }
        if (startsWith(beginning, 0xff, 0xfe) || startsWith(beginning, 0xfe, 0xff)) {
            return Optional.of("is in UTF-16; save it in UTF-8.");
        }
        for (byte one : beginning) {
            if (one == 0) {
                return Optional.of("is binary.");
            }
        }
        return faultOfText(new String(beginning, StandardCharsets.UTF_8));
    }

    private static Optional<String> faultOfText(String text) {
        String first = text.lines()
                .map(line -> line.replace("\uFEFF", "").strip())
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse("");
        if (first.isEmpty()) {
            return Optional.of("has only blank lines.");
        }
        if (first.startsWith("[")) {
            return Optional.of("is a JSON array; write each of its elements on a line of its own.");
        }
        boolean object =
                text.lines().anyMatch(line -> line.replace("\uFEFF", "").strip().startsWith("{"));
        return object
                ? Optional.empty()
                : Optional.of("has no line that begins with '{'; its first is '" + shown(first) + "'.");
    }

    private static String shown(String line) {
        String printable = line.replaceAll("\\p{Cntrl}", " ");
        return printable.length() <= SHOWN
                ? printable
                : printable.substring(0, printable.offsetByCodePoints(0, printable.codePointCount(0, SHOWN))) + "…";
    }

    private static boolean startsWith(byte[] beginning, int... magic) {
        if (beginning.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if ((beginning[i] & 0xff) != magic[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] beginning(Path file) {
        try (InputStream content = Files.newInputStream(file)) {
            return content.readNBytes(BEGINNING);
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.INTERNAL_ERROR,
                    "The upload could not be read where it was kept; send it again. The log has the details.",
                    e);
        }
    }
}
