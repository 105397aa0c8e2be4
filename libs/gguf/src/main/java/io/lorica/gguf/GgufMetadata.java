package io.lorica.gguf;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;

/// The key-value pairs of a file. Each value is known to lie in the file; it is read only when asked for,
/// because vocabularies are long.
public final class GgufMetadata {

    private static final int SMALLEST_PAIR = Long.BYTES + Integer.BYTES + 1;
    private static final int LONGEST_KEY = 65_535;

    private final String file;
    private final FileBytes bytes;
    private final Map<String, Place> places;

    private record Place(ValueType type, long at) {}

    private GgufMetadata(FileBytes bytes, Map<String, Place> places) {
        this.file = bytes.file();
        this.bytes = bytes;
        this.places = places;
    }

    /// Walks over so many pairs.
    static GgufMetadata scan(FileBytes bytes, ByteCursor cursor, int pairs) {
        String file = bytes.file();
        ValueReader reader = new ValueReader(file, cursor);
        Map<String, Place> places = new LinkedHashMap<>();
        for (int i = 0; i < pairs; i++) {
            String key = cursor.text();
            if (key.isEmpty() || key.length() > LONGEST_KEY) {
                throw GgufErrors.damaged(file, "a key of its metadata has " + key.length() + " characters");
            }
            ValueType type = reader.type();
            if (places.put(key, new Place(type, cursor.position())) != null) {
                throw GgufErrors.damaged(file, "its metadata has the key " + key + " twice");
            }
            reader.skip(type);
        }
        return new GgufMetadata(bytes, places);
    }

    /// How many bytes a pair takes at least.
    static int smallestPair() {
        return SMALLEST_PAIR;
    }

    /// All keys, in the file's order.
    public Set<String> keys() {
        return places.keySet();
    }

    /// The value of a key.
    public Optional<GgufValue> value(String key) {
        return Optional.ofNullable(places.get(key))
                .map(place -> new ValueReader(file, new ByteCursor(bytes, place.at())).read(place.type()));
    }

    /// The text of a key.
    public Optional<String> text(String key) {
        return value(key).map(value -> asText(key, value));
    }

    /// The whole number of a key.
    public OptionalLong whole(String key) {
        return value(key).stream().mapToLong(value -> asWhole(key, value)).findFirst();
    }

    /// The whole number of a key, of the size of counts and token ids.
    public OptionalLong count(String key) {
        OptionalLong count = whole(key);
        if (count.isPresent() && (count.getAsLong() < 0 || count.getAsLong() > Integer.MAX_VALUE)) {
            throw GgufErrors.damaged(file, key + " is " + Long.toUnsignedString(count.getAsLong()));
        }
        return count;
    }

    /// The number of a key.
    public OptionalDouble number(String key) {
        return value(key).stream().mapToDouble(value -> asNumber(key, value)).findFirst();
    }

    /// Yes or no.
    public Optional<Boolean> flag(String key) {
        return value(key).map(value -> switch (value) {
            case GgufValue.Flag flag -> flag.value();
            case GgufValue.Whole _, GgufValue.Fraction _, GgufValue.Text _, GgufValue.Items _ ->
                throw wrong(key, "a truth value");
        });
    }

    /// The texts of a key, none where it is missing.
    public List<String> texts(String key) {
        return items(key).stream().map(value -> asText(key, value)).toList();
    }

    /// The whole numbers of a key, none where it is missing.
    public List<Long> wholes(String key) {
        return items(key).stream().map(value -> asWhole(key, value)).toList();
    }

    /// The numbers of a key, none where it is missing.
    public List<Double> numbers(String key) {
        return items(key).stream().map(value -> asNumber(key, value)).toList();
    }

    private List<GgufValue> items(String key) {
        return value(key)
                .map(value -> switch (value) {
                    case GgufValue.Items items -> items.values();
                    case GgufValue.Whole _, GgufValue.Fraction _, GgufValue.Flag _, GgufValue.Text _ ->
                        throw wrong(key, "a list");
                })
                .orElse(List.of());
    }

    private String asText(String key, GgufValue value) {
        return switch (value) {
            case GgufValue.Text text -> text.value();
            case GgufValue.Whole _, GgufValue.Fraction _, GgufValue.Flag _, GgufValue.Items _ ->
                throw wrong(key, "text");
        };
    }

    private long asWhole(String key, GgufValue value) {
        return switch (value) {
            case GgufValue.Whole whole -> whole.value();
            case GgufValue.Text _, GgufValue.Fraction _, GgufValue.Flag _, GgufValue.Items _ ->
                throw wrong(key, "a whole number");
        };
    }

    private double asNumber(String key, GgufValue value) {
        return switch (value) {
            case GgufValue.Whole whole -> whole.value();
            case GgufValue.Fraction fraction -> fraction.value();
            case GgufValue.Text _, GgufValue.Flag _, GgufValue.Items _ -> throw wrong(key, "a number");
        };
    }

    private RuntimeException wrong(String key, String wanted) {
        return GgufErrors.damaged(file, key + " is not " + wanted);
    }
}
