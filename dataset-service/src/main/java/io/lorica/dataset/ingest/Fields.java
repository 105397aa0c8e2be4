package io.lorica.dataset.ingest;

import java.util.Optional;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;

/// Reads fields of a row and says what is wrong with them. A field that is null or empty is absent: columns of joined
/// data sets are.
final class Fields {

    private Fields() {}

    /// Tells whether the field says something.
    static boolean has(JsonNode row, String name) {
        return !isEmpty(row.path(name));
    }

    /// Tells whether the value says nothing: null, blank text, or a list or an object of nothing but these.
    static boolean isEmpty(JsonNode value) {
        return isBlank(value) || (value.isContainerNode() && value.valueStream().allMatch(Fields::isBlank));
    }

    private static boolean isBlank(JsonNode value) {
        return value.isMissingNode()
                || value.isNull()
                || (value.isTextual() && value.asText().isBlank());
    }

    /// The first field that is missing, not text or blank.
    static Optional<Reading.Fault> firstFault(JsonNode row, String... names) {
        return Stream.of(names).flatMap(name -> fault(row, name).stream()).findFirst();
    }

    /// The first field that says something and is not text.
    static Optional<Reading.Fault> firstFaultOfOptional(JsonNode row, String... names) {
        return Stream.of(names)
                .filter(name -> has(row, name) && !row.path(name).isTextual())
                .findFirst()
                .map(name -> notText(name, row.path(name)));
    }

    /// The text of a field, empty where it is absent.
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

    private static Optional<Reading.Fault> fault(JsonNode row, String name) {
        JsonNode value = row.path(name);
        if (value.isMissingNode()) {
            return Optional.of(Reading.Fault.of("The field \"" + name + "\" is missing."));
        }
        if (value.isNull()) {
            return Optional.of(Reading.Fault.of("The field \"" + name + "\" is null."));
        }
        if (isEmpty(value)) {
            return Optional.of(Reading.Fault.of("The field \"" + name + "\" is empty."));
        }
        return value.isTextual() ? Optional.empty() : Optional.of(notText(name, value));
    }

    private static Reading.Fault notText(String name, JsonNode value) {
        return Reading.Fault.of("The field \"" + name + "\" must be text, not " + kind(value) + ".");
    }
}
