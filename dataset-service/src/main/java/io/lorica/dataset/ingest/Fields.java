package io.lorica.dataset.ingest;

import java.util.Optional;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;

/// Reads text fields of a row and says what is wrong with them.
final class Fields {

    private Fields() {}

    /// The first field that is missing, not text or blank.
    static Optional<Reading.Fault> firstFault(JsonNode row, String... names) {
        return Stream.of(names)
                .flatMap(name -> fault(row, name).stream())
                .findFirst()
                .map(Reading.Fault::new);
    }

    /// The first field that is there and not text; such a field may also be absent, null or blank.
    static Optional<Reading.Fault> firstFaultOfOptional(JsonNode row, String... names) {
        return Stream.of(names)
                .filter(name -> row.hasNonNull(name) && !row.path(name).isTextual())
                .findFirst()
                .map(name -> new Reading.Fault(notText(name, row.path(name))));
    }

    /// The text of a field, empty where it is absent or null.
    static String text(JsonNode row, String name) {
        return row.path(name).asText("");
    }

    /// The kind of a JSON value, in words.
    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT, POJO -> "an object";
            case STRING -> "text";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case NULL -> "null";
            case BINARY -> "bytes";
            case MISSING -> "nothing";
        };
    }

    private static Optional<String> fault(JsonNode row, String name) {
        JsonNode value = row.path(name);
        if (value.isMissingNode()) {
            return Optional.of("The field \"" + name + "\" is missing.");
        }
        if (!value.isTextual()) {
            return Optional.of(notText(name, value));
        }
        return value.asText().isBlank() ? Optional.of("The field \"" + name + "\" is empty.") : Optional.empty();
    }

    private static String notText(String name, JsonNode value) {
        return "The field \"" + name + "\" must be text, not " + kind(value) + ".";
    }
}
