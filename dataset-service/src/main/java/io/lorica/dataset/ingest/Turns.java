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
            return new Reading.Fault("The field \"" + field + "\" must be a list with at least one message.");
        }
        List<Message> turns = new ArrayList<>();
        for (int index = 0; index < list.size(); index++) {
            switch (turn(list.get(index), index + 1)) {
                case Reading.Fault fault -> {
                    return fault;
                }
                case Reading.Conversation turn -> turns.addAll(turn.turns());
            }
        }
        return new Reading.Conversation(turns);
    }

    private static Reading turn(JsonNode turn, int position) {
        if (!turn.isObject()) {
            return fault(position, "is " + Fields.kind(turn) + ", not an object with a role and a content");
        }
        String name = turn.has("role") ? Fields.text(turn, "role") : Fields.text(turn, "from");
        Optional<Role> role = role(name);
        if (role.isEmpty()) {
            return fault(
                    position,
                    name.isEmpty()
                            ? "has no role; give it one of system, user and assistant"
                            : "has the role \"" + name + "\"; only system, user and assistant can be learned from");
        }
        return said(role.get(), turn, position);
    }

    private static Optional<Role> role(String name) {
        return switch (name) {
            case "human" -> Optional.of(Role.USER);
            case "gpt", "chatgpt", "bot", "model" -> Optional.of(Role.ASSISTANT);
            default -> Role.of(name);
        };
    }

    private static Reading said(Role role, JsonNode turn, int position) {
        if (turn.hasNonNull("tool_calls") || turn.hasNonNull("function_call")) {
            return fault(position, "calls a tool; only text can be learned from");
        }
        Optional<String> content = content(turn.has("content") ? turn.path("content") : turn.path("value"));
        if (content.isEmpty()) {
            return fault(position, "has no text content; content must be text or a list of text parts");
        }
        if (content.get().isBlank()) {
            return fault(position, "is empty");
        }
        return role == Role.ASSISTANT
                ? answer(turn, content.get(), position)
                : Reading.of(Message.of(role, content.get()));
    }

    private static Optional<String> content(JsonNode content) {
        if (content.isTextual()) {
            return Optional.of(content.asText());
        }
        if (!content.isArray()) {
            return Optional.empty();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            if (!part.path("text").isTextual()) {
                return Optional.empty();
            }
            text.append(part.path("text").asText());
        }
        return Optional.of(text.toString());
    }

    private static Reading answer(JsonNode turn, String content, int position) {
        JsonNode reasoning = turn.path("reasoning_content");
        if (reasoning.isMissingNode() || reasoning.isNull()) {
            return Reading.of(Thinking.assistant(content));
        }
        if (!reasoning.isTextual()) {
            return fault(position, "has a reasoning_content that is " + Fields.kind(reasoning) + ", not text");
        }
        return Reading.of(new Message(Role.ASSISTANT, content, reasoning.asText()));
    }

    private static Reading fault(int position, String what) {
        return new Reading.Fault("Message " + position + " " + what + ".");
    }
}
