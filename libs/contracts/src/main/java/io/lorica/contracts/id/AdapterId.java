package io.lorica.contracts.id;

import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// A trained adapter: the last eight characters of its `ft:…` model name.
public record AdapterId(@JsonValue String value) {

    private static final Pattern PATTERN = Pattern.compile("[a-z0-9]{8}");

    @JsonCreator
    public AdapterId {
        if (!PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'" + value + "' is not the id of an adapter: it has 8 lower-case letters and digits");
        }
    }

    /// A fresh random identifier.
    public static AdapterId random() {
        return new AdapterId(RandomIdentifier.of(8));
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
