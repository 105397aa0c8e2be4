package io.lorica.contracts.id;

import java.util.regex.Pattern;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/// A fine-tuning job, `ftjob-…`.
public record JobId(@JsonValue String value) {

    private static final Pattern PATTERN = Pattern.compile("ftjob-[A-Za-z0-9]{8,64}");

    @JsonCreator
    public JobId {
        if (!PATTERN.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "'" + value + "' is not the id of a job: it is ftjob- and 8 to 64 letters and digits");
        }
    }

    /// A fresh random identifier.
    public static JobId random() {
        return new JobId("ftjob-" + RandomIdentifier.of(24));
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
