package io.lorica.contracts.id;

import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// An immutable dataset version, named by what it was made from: `dsv-` and 24 hexadecimal digits of a digest.
public record DatasetVersionId(@JsonValue String value) {

    private static final Pattern PATTERN = Pattern.compile("dsv-[a-f0-9]{24}");

    @JsonCreator
    public DatasetVersionId {
        if (!PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'" + value + "' is not the id of a dataset version: it is dsv- and 24 hexadecimal digits");
        }
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
