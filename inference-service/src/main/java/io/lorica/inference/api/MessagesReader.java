package io.lorica.inference.api;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;

/// Reads the parameter `messages`. The reasoning of earlier answers is not shown to the model again; its own template
/// leaves it out, too.
final class MessagesReader {

    private static final String NAME = "messages";

    private MessagesReader() {}

    static List<Message> read(JsonNode list) {
        if (!list.isArray() || list.isEmpty()) {
            throw Parameters.invalid(NAME, "'messages' must be a list of at least one message.");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            messages.add(message(NAME + "[" + i + "]", list.get(i)));
        }
        if (messages.getLast().role() == Role.ASSISTANT) {
            throw Parameters.invalid(
                    NAME, "The last message must come from the user or the system, not from the assistant.");
        }
        return messages;
    }

    private static Message message(String path, JsonNode node) {
        String role = node.path("role").asText("");
        return Role.of(role)
                .map(known -> Message.of(known, content(path + ".content", node.path("content"))))
                .orElseThrow(() -> Parameters.invalid(
                        path + ".role",
                        "The role '" + role + "' is not supported; use system, developer, user or assistant."));
    }

    private static String content(String path, JsonNode node) {
        if (node.isTextual()) {
            return node.textValue();
        }
        if (!node.isArray()) {
            throw Parameters.invalid(path, "'content' must be a text or a list of text parts.");
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < node.size(); i++) {
            text.append(part(path + "[" + i + "]", node.get(i)));
        }
        return text.toString();
    }

    private static String part(String path, JsonNode part) {
        if (!part.path("type").asText().equals("text")) {
            throw Parameters.invalid(path + ".type", "Only parts of type 'text' are supported.");
        }
        if (!part.path("text").isTextual()) {
            throw Parameters.invalid(path + ".text", "A part of type 'text' needs a 'text'.");
        }
        return part.path("text").textValue();
    }
}
