package io.lorica.contracts.id;

import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// The caller to whom a file, a job or a model belongs: the name of an API key. For everybody else it does not exist.
public record Owner(@JsonValue String name) {

    private static final Pattern PATTERN = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /// The owner of a one-user installation.
    public static final Owner DEFAULT = new Owner("default");

    @JsonCreator
    public Owner {
        if (!matches(name)) {
            throw new IllegalArgumentException(
                    "'" + name + "' is no owner: expected 1 to 64 letters, digits, dots," + " dashes or underscores");
        }
    }

    /// Tells whether the text has the form of this name.
    public static boolean matches(String name) {
        return PATTERN.matcher(name).matches();
    }

    @Override
    public String toString() {
        return name;
    }
}
