package io.lorica.contracts.id;

import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// A base model as the user writes it: a directory, an `s3://` prefix or a hub repository such as `org/name`.
public record BaseModelId(@JsonValue String value) {

    private static final Pattern PATTERN = Pattern.compile("[^\\s\\x00-\\x1f]{1,512}");

    @JsonCreator
    public BaseModelId {
        if (!PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'" + value + "' is not the name of a base model: it has 1 to 512 characters, and no blank");
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
