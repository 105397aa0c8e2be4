package io.lorica.inference.api;

import java.util.Optional;
import java.util.OptionalLong;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.jspecify.annotations.Nullable;

/// The parameters of a request's body by name and type. One that is null counts as left out.
///
/// @param body a JSON object
record Parameters(JsonNode body) {

    /// A number from `least` to `most`; null where it is left out.
    @Nullable
    Double number(String name, double least, double most) {
        return given(name)
                .map(node -> {
                    if (!node.isNumber() || !(node.doubleValue() >= least && node.doubleValue() <= most)) {
                        throw wrong(name, node, "a number from " + plain(least) + " to " + plain(most));
                    }
                    return node.doubleValue();
                })
                .orElse(null);
    }

    /// A whole number that is not below `least`.
    int atLeast(int least, String name, int otherwise) {
        OptionalLong value = wholeNumber(name);
        if (value.isPresent() && value.getAsLong() < least) {
            throw wrong(name, body.path(name), "a whole number, " + least + " or more");
        }
        return (int) Math.min(Integer.MAX_VALUE, value.orElse(otherwise));
    }

    /// A whole number.
    OptionalLong wholeNumber(String name) {
        Optional<JsonNode> given = given(name);
        given.filter(node -> !node.isIntegralNumber() || !node.canConvertToLong())
                .ifPresent(node -> {
                    throw wrong(name, node, "a whole number");
                });
        return given.map(node -> OptionalLong.of(node.longValue())).orElseGet(OptionalLong::empty);
    }

    /// A truth value, false where it is left out.
    boolean flag(String name) {
        return choice(name).orElse(false);
    }

    /// A truth value, empty where it is left out.
    Optional<Boolean> choice(String name) {
        return given(name).map(node -> {
            if (!node.isBoolean()) {
                throw wrong(name, node, "true or false");
            }
            return node.booleanValue();
        });
    }

    /// Whatever stands under the name.
    Optional<JsonNode> given(String name) {
        JsonNode node = body.path(name);
        return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node);
    }

    /// A text of whole characters, as files of training rows must be.
    static String wellFormed(String name, String text) {
        if (text.codePoints().anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE)) {
            throw invalid(name, "A text holds half of a surrogate pair (\\ud800 to \\udfff), which is no character.");
        }
        return text;
    }

    /// The failure that a parameter is not what it should be.
    static ProductException invalid(String name, String message) {
        return ProductException.forParameter(ErrorCode.INVALID_REQUEST, name, message);
    }

    /// The failure that there is no such parameter.
    static ProductException unknown(String name) {
        return ProductException.forParameter(
                ErrorCode.UNKNOWN_PARAMETER,
                name,
                "'" + name + "' is not a parameter of this call; remove it or correct its name.");
    }

    private static ProductException wrong(String name, JsonNode value, String wanted) {
        return invalid(name, "'" + name + "' is " + value + "; it must be " + wanted + ".");
    }

    private static String plain(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
