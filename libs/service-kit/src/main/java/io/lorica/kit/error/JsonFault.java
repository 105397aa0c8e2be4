package io.lorica.kit.error;

import java.util.Arrays;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.lorica.contracts.error.FailureWords;
import org.jspecify.annotations.Nullable;

/// A fault of JSON that came from outside, in words for its writer. The words of the JSON library name its classes and
/// options and are never shown.
public final class JsonFault {

    private static final String MALFORMED = "is not valid JSON";
    private static final String DUPLICATE = "Duplicate field";
    private static final String TRAILING = "Trailing token";

    private JsonFault() {}

    /// Completes a sentence that begins with the thing that was read, such as "The body", and has no full stop.
    public static String words(JsonProcessingException failure) {
        return switch (failure) {
            case StreamConstraintsException _ ->
                "is nested too deeply, or has a name, a text or a number that is too long";
            case MismatchedInputException mismatch
            when trailing(mismatch) -> "has something behind its end" + place(mismatch) + "; send one JSON value alone";
            case UnrecognizedPropertyException unknown -> "has the unknown field '" + path(unknown) + "'";
            case JsonMappingException mapping
            when ownWords(mapping) != null -> "is not of the expected form" + at(mapping) + ": " + ownWords(mapping);
            case MismatchedInputException mismatch ->
                "is not of the expected form" + at(mismatch) + wanted(mismatch.getTargetType());
            case JsonMappingException mapping
            when mapping.getCause() instanceof JsonProcessingException cause -> words(cause);
            case JsonMappingException mapping -> "is not of the expected form" + at(mapping);
            default -> parsing(failure);
        };
    }

    /// The path of the value that is wrong, null where the whole is.
    public static @Nullable String path(JsonMappingException failure) {
        String path = failure.getPath().stream()
                .map(reference ->
                        reference.getFieldName() == null ? "[" + reference.getIndex() + "]" : reference.getFieldName())
                .collect(Collectors.joining("."));
        return path.isEmpty() ? null : path;
    }

    private static boolean trailing(MismatchedInputException failure) {
        return String.valueOf(failure.getOriginalMessage()).startsWith(TRAILING);
    }

    private static String parsing(JsonProcessingException failure) {
        String said = String.valueOf(failure.getOriginalMessage());
        return said.startsWith(DUPLICATE) ? "has the same field twice" + place(failure) : MALFORMED + place(failure);
    }

    // What a type of our own says of a value is written for the user.
    private static @Nullable String ownWords(JsonMappingException failure) {
        Throwable cause = failure.getCause();
        String message = cause instanceof IllegalArgumentException ? cause.getMessage() : null;
        return message == null || FailureWords.namesCode(message) ? null : message;
    }

    private static String at(JsonMappingException failure) {
        String path = path(failure);
        return path == null ? "" : " at '" + path + "'";
    }

    private static String place(JsonProcessingException failure) {
        JsonLocation location = failure.getLocation();
        return location == null || location.getLineNr() < 1
                ? ""
                : " at line " + location.getLineNr() + ", column " + location.getColumnNr();
    }

    private static String wanted(@Nullable Class<?> type) {
        if (type == null) {
            return "";
        }
        if (type.isEnum()) {
            return ": it is one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(String::valueOf)
                            .collect(Collectors.joining(", "));
        }
        return ": it must be " + kind(type);
    }

    private static String kind(Class<?> type) {
        if (CharSequence.class.isAssignableFrom(type)) {
            return "a text";
        }
        if (type == boolean.class || type == Boolean.class) {
            return "true or false";
        }
        if (type == int.class || type == Integer.class || type == long.class || type == Long.class) {
            return "a whole number" + (type == int.class || type == Integer.class ? " of at most 2147483647" : "");
        }
        if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
            return "a number";
        }
        if (type.isArray() || Collection.class.isAssignableFrom(type)) {
            return "a list";
        }
        return Map.class.isAssignableFrom(type) || type.isRecord() ? "an object" : "a value of another kind";
    }
}
