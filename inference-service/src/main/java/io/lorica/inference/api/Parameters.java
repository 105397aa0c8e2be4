package io.lorica.inference.api;

import java.util.Optional;
import java.util.OptionalLong;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// The parameters of a request's body by name and type. One that is null counts as left out.
///
/// @param body a JSON object
record Parameters(JsonNode body) {

    /// A number from `least` to `most`.
    double number(String name, double otherwise, double least, double most) {
        return given(name)
                .map(node -> {
                    if (!node.isNumber() || !(node.doubleValue() >= least && node.doubleValue() <= most)) {
                        throw wrong(name, node, "a number from " + plain(least) + " to " + plain(most));
                    }
                    return node.doubleValue();
                })
                .orElse(otherwise);
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
        return given(name)
                .map(node -> {
                    if (!node.isBoolean()) {
                        throw wrong(name, node, "true or false");
                    }
                    return node.booleanValue();
                })
                .orElse(false);
    }

    /// Whatever stands under the name.
    Optional<JsonNode> given(String name) {
        JsonNode node = body.path(name);
        return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node);
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
