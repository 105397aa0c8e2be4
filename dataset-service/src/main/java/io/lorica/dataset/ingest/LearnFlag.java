package io.lorica.dataset.ingest;

import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Role;
import org.jspecify.annotations.Nullable;

/// Reads whether a message is to be learned: `weight` of OpenAI, `loss` and `loss_scale` of ms-swift, `train` and
/// `training` of Axolotl. All mean yes or no here, for the loss has no other weights.
final class LearnFlag {

    private static final List<String> NAMES = List.of("weight", "loss", "loss_scale", "train", "training");

    private LearnFlag() {}

    /// The choice that the fields of a message make; null where they make none.
    static @Nullable Boolean of(JsonNode message) {
        return NAMES.stream()
                .flatMap(name -> value(message, name).stream())
                .findFirst()
                .orElse(null);
    }

    /// The fault of the fields of a message.
    static Optional<Reading.Fault> fault(JsonNode message, Role role, Place place) {
        List<String> given =
                NAMES.stream().filter(name -> Fields.has(message, name)).toList();
        for (String name : given) {
            Optional<Boolean> value = value(message, name);
            if (value.isEmpty()) {
                return Optional.of(unknown(message, name, place));
            }
            if (!value.get().equals(of(message))) {
                return Optional.of(Reading.Fault.at(
                        place,
                        "has a \"" + given.getFirst() + "\" and a \"" + name
                                + "\" that contradict each other; keep one"));
            }
            if (value.get() && role != Role.ASSISTANT) {
                return Optional.of(Reading.Fault.at(
                        place,
                        "comes from the " + role.wireName() + " and has \"" + name + "\" " + message.path(name)
                                + "; only the assistant's messages are learned, so remove the field"));
            }
        }
        return Optional.empty();
    }

    /// The fault of a row that is switched off by such a field beside its text.
    static Optional<Reading.Fault> faultOfRow(JsonNode row) {
        return NAMES.stream()
                .filter(name -> name.equals("weight")
                        ? Fields.has(row, name)
                        : row.path(name).isBoolean())
                .filter(name -> !value(row, name).equals(Optional.of(true)))
                .findFirst()
                .map(name -> new Reading.Fault(
                        "The field \"" + name + "\" beside the text keeps the row from being learned.",
                        "The field \"" + name + "\" is " + row.path(name)
                                + (value(row, name).isPresent()
                                        ? ", so nothing of the row is to be learned."
                                        : "; it must be 0 or 1.")));
    }

    private static Reading.Fault unknown(JsonNode message, String name, Place place) {
        String allowed = name.equals("weight") ? "0 or 1" : "true or false";
        return Reading.Fault.at(
                place,
                "has \"" + name + "\" " + message.path(name) + "; it must be " + allowed,
                "has a \"" + name + "\" other than " + allowed);
    }

    private static Optional<Boolean> value(JsonNode message, String name) {
        JsonNode value = message.path(name);
        if (value.isBoolean() && !name.equals("weight")) {
            return Optional.of(value.asBoolean());
        }
        boolean yesOrNo = value.isNumber() && (value.asDouble() == 0 || value.asDouble() == 1);
        return yesOrNo ? Optional.of(value.asDouble() == 1) : Optional.empty();
    }
}
