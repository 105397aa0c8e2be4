package io.lorica.contracts.id;

import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// An uploaded file, `file-…`.
public record FileId(@JsonValue String value) {

    private static final Pattern PATTERN = Pattern.compile("file-[A-Za-z0-9]{8,64}");

    @JsonCreator
    public FileId {
        if (!PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'" + value + "' is not the id of a file: it is file- and 8 to 64 letters and digits");
        }
    }

    /// A fresh random identifier.
    public static FileId random() {
        return new FileId("file-" + RandomIdentifier.of(24));
    }

    /// Whether the text has the form of this identifier.
    public static boolean matches(String value) {
        return PATTERN.matcher(value).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
