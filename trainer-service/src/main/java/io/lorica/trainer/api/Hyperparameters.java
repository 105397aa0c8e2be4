package io.lorica.trainer.api;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.jspecify.annotations.Nullable;

/// Reads hyper-parameters by name, and knows which of those given nobody has asked for. `"auto"` and `null`
/// stand for the default.
final class Hyperparameters {

    private static final int CLOSE = 3;
    private static final int LONGEST_NAME = 64;
    private static final int LONGEST_LIST = 1024;
    private static final int LONGEST_QUOTE = 100;

    private final String path;
    private final Map<String, JsonNode> given;
    private final Set<String> known = new HashSet<>();

    /// @param path where in the request they stand, for messages
    Hyperparameters(String path, Map<String, JsonNode> given) {
        this.path = path;
        this.given = given;
    }

    /// These, and where one is absent the one of others.
    Hyperparameters over(Map<String, JsonNode> others) {
        Map<String, JsonNode> both = new HashMap<>(others);
        given.forEach((name, value) -> {
            if (!absent(value) || !others.containsKey(name)) {
                both.put(name, value);
            }
        });
        return new Hyperparameters(path, both);
    }

    int integer(String name, int otherwise) {
        return optionalInteger(name).orElse(otherwise);
    }

    Optional<Integer> optionalInteger(String name) {
        return optional(name, form("a whole number", name), node -> wholeNumber(name, node));
    }

    double number(String name, double otherwise) {
        return optionalNumber(name).orElse(otherwise);
    }

    Optional<Double> optionalNumber(String name) {
        return optional(name, form("a number", name), node -> number(name, node));
    }

    boolean flag(String name, boolean otherwise) {
        return optional(name, "true or false", node -> node.isBoolean() ? node.booleanValue() : null)
                .orElse(otherwise);
    }

    Optional<String> text(String name) {
        return optional(name, "a text", node -> node.isTextual() ? node.textValue() : null);
    }

    List<String> texts(String name, List<String> otherwise) {
        return optional(name, "a list of at most " + LONGEST_LIST + " names or one name", Hyperparameters::names)
                .orElse(otherwise);
    }

    /// A text that stands alone, not in a list.
    Optional<String> loneText(String name) {
        return optional(name, "", node -> node).filter(JsonNode::isTextual).map(JsonNode::textValue);
    }

    /// A flag where other values are allowed too.
    Optional<Boolean> loneFlag(String name) {
        return optional(name, "", node -> node).filter(JsonNode::isBoolean).map(JsonNode::booleanValue);
    }

    /// One whole number or a list of them, empty where there is none.
    List<Integer> integers(String name) {
        return optional(name, form("a whole number or a list of them", name), node -> wholeNumbers(name, node))
                .orElse(List.of());
    }

    /// Whole numbers by name, in the order in which they are given.
    Map<String, Integer> integerMap(String name) {
        return optional(
                        name,
                        form("an object of whole numbers", name),
                        node -> Hyperparameters.<Integer>entries(node, value -> wholeNumber(name, value)))
                .orElse(Map.of());
    }

    /// Numbers by name, in the order in which they are given.
    Map<String, Double> numberMap(String name) {
        return optional(
                        name,
                        form("an object of numbers", name),
                        node -> Hyperparameters.<Double>entries(node, value -> number(name, value)))
                .orElse(Map.of());
    }

    /// Whether there is a value, be it right or wrong.
    boolean given(String name) {
        return optional(name, "", node -> node).isPresent();
    }

    <E extends Enum<E>> E choice(String name, E otherwise, E[] choices, Function<E, String> wireName) {
        return optionalChoice(name, choices, wireName).orElse(otherwise);
    }

    <E extends Enum<E>> Optional<E> optionalChoice(String name, E[] choices, Function<E, String> wireName) {
        List<String> names = Arrays.stream(choices).map(wireName).toList();
        return text(name)
                .map(text -> Arrays.stream(choices)
                        .filter(choice -> wireName.apply(choice).equals(text))
                        .findFirst()
                        .orElseThrow(() -> wrong(name, "one of " + String.join(", ", names))));
    }

    /// Where in the request a parameter stands.
    String path(String name) {
        return path + "." + name;
    }

    /// Makes a value of parameters. What its type refuses is an error of the parameter that its message begins
    /// with.
    <T> T checked(Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            String name = message.substring(0, Math.max(0, message.indexOf(' ')));
            throw ProductException.forParameter(ErrorCode.INVALID_REQUEST, path(name), message + ".");
        }
    }

    /// Refuses the first parameter that nothing has read.
    void refuseUnknown() {
        given.keySet().stream()
                .filter(name -> !known.contains(name))
                .sorted()
                .findFirst()
                .ifPresent(name -> {
                    throw ProductException.forParameter(
                            ErrorCode.UNKNOWN_PARAMETER,
                            path(shortened(name, LONGEST_NAME)),
                            "There is no hyper-parameter '" + shortened(name, LONGEST_NAME) + "'; " + near(name));
                });
    }

    private String near(String name) {
        return known.stream()
                .filter(_ -> name.length() <= LONGEST_NAME)
                .min(Comparator.comparingInt(candidate -> distance(name, candidate)))
                .filter(candidate -> distance(name, candidate) <= CLOSE)
                .map(candidate -> "did you mean '" + candidate + "'?")
                .orElseGet(() ->
                        "known are " + String.join(", ", known.stream().sorted().toList()) + ".");
    }

    /// What a reader makes of a value; where it makes nothing of it, the value is refused.
    <T> Optional<T> optional(String name, String form, Function<JsonNode, ? extends @Nullable T> reader) {
        known.add(name);
        JsonNode node = given.get(name);
        if (node == null || absent(node)) {
            return Optional.empty();
        }
        T value = reader.apply(node);
        if (value == null) {
            throw wrong(name, form);
        }
        return Optional.of(value);
    }

    private static boolean absent(@Nullable JsonNode node) {
        return node == null || node.isNull() || "auto".equals(node.textValue());
    }

    private ProductException wrong(String name, String form) {
        return ProductException.forParameter(
                ErrorCode.INVALID_REQUEST,
                path(name),
                "'" + name + "' is " + shortened(String.valueOf(given.get(name)), LONGEST_QUOTE) + "; it must be "
                        + form + ".");
    }

    /// The form of a parameter, with the numbers that make sense for it.
    private static String form(String form, String name) {
        return HyperparameterRange.of(name)
                .map(range -> form + " " + range.words())
                .orElse(form);
    }

    private static String shortened(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length) + "…";
    }

    private static @Nullable Integer wholeNumber(String name, JsonNode node) {
        return node.isInt() && sensible(name, node.intValue()) ? node.intValue() : null;
    }

    private static @Nullable Double number(String name, JsonNode node) {
        return node.isNumber() && Double.isFinite(node.doubleValue()) && sensible(name, node.doubleValue())
                ? node.doubleValue()
                : null;
    }

    private static boolean sensible(String name, double value) {
        return HyperparameterRange.of(name).map(range -> range.contains(value)).orElse(true);
    }

    private static @Nullable List<String> names(JsonNode node) {
        if (node.isTextual()) {
            return List.of(node.textValue());
        }
        if (!node.isArray() || node.size() > LONGEST_LIST) {
            return null;
        }
        Set<String> names = new LinkedHashSet<>();
        for (JsonNode element : node) {
            if (!element.isTextual()) {
                return null;
            }
            names.add(element.textValue());
        }
        return List.copyOf(names);
    }

    private static @Nullable List<Integer> wholeNumbers(String name, JsonNode node) {
        if (node.size() > LONGEST_LIST) {
            return null;
        }
        Set<Integer> numbers = new LinkedHashSet<>();
        for (JsonNode element : node.isArray() ? node : List.of(node)) {
            Integer number = wholeNumber(name, element);
            if (number == null) {
                return null;
            }
            numbers.add(number);
        }
        return List.copyOf(numbers);
    }

    private static <T> @Nullable Map<String, T> entries(
            JsonNode node, Function<JsonNode, ? extends @Nullable T> reader) {
        if (node.size() > LONGEST_LIST) {
            return null;
        }
        Map<String, T> entries = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : node.properties()) {
            T value = reader.apply(property.getValue());
            if (value == null) {
                return null;
            }
            entries.put(property.getKey(), value);
        }
        return node.isObject() ? entries : null;
    }

    /// Levenshtein's distance between two names, without regard to case.
    static int distance(String a, String b) {
        String left = a.toLowerCase(Locale.ROOT);
        String right = b.toLowerCase(Locale.ROOT);
        int[] row = new int[right.length() + 1];
        Arrays.setAll(row, i -> i);
        for (int i = 1; i <= left.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= right.length(); j++) {
                int replaced = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[right.length()];
    }
}
