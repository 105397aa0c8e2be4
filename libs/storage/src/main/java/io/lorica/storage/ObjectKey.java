package io.lorica.storage;

import java.util.List;

/// The key of an object: segments joined by `/`, without an empty, `.` or `..` segment.
///
/// @param value the whole key
public record ObjectKey(String value) {

    public ObjectKey {
        List<String> segments = List.of(value.split("/", -1));
        if (segments.stream().anyMatch(segment -> segment.isEmpty() || segment.equals(".") || segment.equals(".."))) {
            throw new IllegalArgumentException("'" + value + "' is not an object key");
        }
    }

    /// Joins segments to a key.
    public static ObjectKey of(String... segments) {
        return new ObjectKey(String.join("/", segments));
    }

    /// The key of a child.
    public ObjectKey child(String name) {
        return new ObjectKey(value + "/" + name);
    }

    /// The last segment.
    public String name() {
        return value.substring(value.lastIndexOf('/') + 1);
    }

    @Override
    public String toString() {
        return value;
    }
}
