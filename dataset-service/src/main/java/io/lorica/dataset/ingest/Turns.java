package io.lorica.dataset.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;

/// Reads a list of turns, in OpenAI's form (`role`, `content`) or in ShareGPT's (`from`, `value`).
final class Turns {

    private Turns() {}

    /// Reads all turns of the list in a field of the row.
    static Reading read(JsonNode row, String field) {
        JsonNode list = row.path(field);
        if (!list.isArray() || list.isEmpty()) {
            return Reading.Fault.of("The field \"" + field + "\" must be a list with at least one message.");
        }
        List<Turn> turns = new ArrayList<>();
        for (int index = 0; index < list.size(); index++) {
            switch (turn(list.get(index), Place.message(index + 1))) {
                case Reading.Fault fault -> {
                    return fault;
                }
                case Reading.Conversation turn -> turns.addAll(turn.turns());
            }
        }
        return turns.isEmpty()
                ? Reading.Fault.of("The field \"" + field + "\" has no message that says something.")
                : new Reading.Conversation(turns);
    }

    private static Reading turn(JsonNode turn, Place place) {
        if (!turn.isObject()) {
            return Reading.Fault.at(place, "is " + Fields.kind(turn) + ", not an object with a role and a content");
        }
        if (contradictory(turn)) {
            return Reading.Fault.at(
                    place, "has two roles or two contents, one in OpenAI's and one in ShareGPT's field; keep one");
        }
        String name = Fields.text(turn, Fields.has(turn, "role") ? "role" : "from");
        Optional<Role> role = role(name);
        if (role.isEmpty()) {
            return Reading.Fault.at(
                    place,
                    name.isBlank()
                            ? "has no role; give it one of system, user and assistant"
                            : "has the role \"" + name + "\"; only system, user and assistant can be learned from");
        }
        return said(role.get(), turn, place);
    }

    private static boolean contradictory(JsonNode turn) {
        boolean contents = Fields.has(turn, "content") && Fields.has(turn, "value");
        boolean roles = Fields.has(turn, "role") && Fields.has(turn, "from");
        return (contents && !turn.path("content").equals(turn.path("value")))
                || (roles && !role(Fields.text(turn, "role")).equals(role(Fields.text(turn, "from"))));
    }

    private static Optional<Role> role(String name) {
        return switch (name) {
            case "human" -> Optional.of(Role.USER);
            case "gpt", "chatgpt", "bot", "model" -> Optional.of(Role.ASSISTANT);
            default -> Role.of(name);
        };
    }

    private static Reading said(Role role, JsonNode turn, Place place) {
        Optional<Reading.Fault> fault = Unusable.firstOfMessage(turn, place)
                .or(() -> LearnFlag.fault(turn, role, place))
                .or(() -> role == Role.ASSISTANT ? Optional.empty() : Reasoning.misplaced(turn, role, place));
        if (fault.isPresent()) {
            return fault.get();
        }
        JsonNode content = turn.path(!Fields.has(turn, "content") && turn.has("value") ? "value" : "content");
        if (role == Role.SYSTEM && Fields.isEmpty(content)) {
            return Reading.of();
        }
        return switch (Content.of(content, role)) {
            case Content.Unreadable(String what) -> Reading.Fault.at(place, what);
            case Content.Text text -> of(role, turn, place, text);
        };
    }

    private static Reading of(Role role, JsonNode turn, Place place, Content.Text text) {
        if (text.said().isBlank()) {
            return Reading.Fault.at(place, "is empty");
        }
        return role == Role.ASSISTANT
                ? Reasoning.answer(place, text, turn, Reasoning.FIELDS, LearnFlag.of(turn))
                : Reading.of(new Turn(place, Message.of(role, text.said()), LearnFlag.of(turn)));
    }
}
