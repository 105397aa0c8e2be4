package io.lorica.inference.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Role;
import io.lorica.inference.engine.Conversation;
import org.jspecify.annotations.Nullable;

/// Reads the parameter `messages`. Whether the reasoning of earlier answers and names of speakers are shown to
/// the model again is for its template to say.
final class MessagesReader {

    private static final String NAME = "messages";
    private static final Set<String> READ = Set.of("role", "content", "name", "reasoning_content", "reasoning");

    /// What cannot be shown to a model, and how it is called.
    private static final Map<String, String> UNSUPPORTED = Map.of(
            "tool_calls", "tool calls",
            "tool_call_id", "tool calls",
            "function_call", "function calls",
            "refusal", "refusals",
            "audio", "audio");

    private MessagesReader() {}

    static List<Conversation.Turn> read(JsonNode list) {
        if (!list.isArray() || list.isEmpty()) {
            throw Parameters.invalid(NAME, "'messages' must be a list of at least one message.");
        }
        List<Conversation.Turn> turns = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            turns.add(turn(NAME + "[" + i + "]", list.get(i)));
        }
        return turns;
    }

    private static Conversation.Turn turn(String path, JsonNode node) {
        String wireName = node.path("role").asText("");
        Role role = Role.of(wireName)
                .orElseThrow(() -> Parameters.invalid(
                        path + ".role",
                        "The role '" + wireName + "' is not supported; use system, developer, user or assistant."));
        node.properties().forEach(entry -> refuseWhatIsNotSupported(path, entry.getKey(), entry.getValue()));
        return new Conversation.Turn(
                role,
                content(path + ".content", role, node.path("content")),
                reasoning(path, node),
                text(path, node, "name"));
    }

    // Null and empty are absent: clients send answers back as they came, with all that they did not hold.
    private static void refuseWhatIsNotSupported(String path, String name, JsonNode value) {
        boolean absent = value.isNull() || (value.isContainerNode() && value.isEmpty());
        if (READ.contains(name) || absent) {
            return;
        }
        String unsupported = UNSUPPORTED.get(name);
        throw unsupported == null
                ? Parameters.unknown(path + "." + name)
                : Parameters.invalid(
                        path + "." + name,
                        "'" + name + "' is not supported: the models served here know no " + unsupported
                                + ". Leave it out.");
    }

    private static @Nullable String reasoning(String path, JsonNode node) {
        String reasoning = text(path, node, "reasoning_content");
        String alias = text(path, node, "reasoning");
        if (reasoning != null && alias != null && !reasoning.equals(alias)) {
            throw Parameters.invalid(
                    path + ".reasoning", "'reasoning' and 'reasoning_content' differ; they mean the same. Send one.");
        }
        return reasoning == null ? alias : reasoning;
    }

    private static @Nullable String text(String path, JsonNode node, String name) {
        JsonNode value = node.path(name);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        if (!value.isTextual()) {
            throw Parameters.invalid(path + "." + name, "'" + name + "' must be a text.");
        }
        return Parameters.wellFormed(path + "." + name, value.textValue());
    }

    private static String content(String path, Role role, JsonNode node) {
        if (node.isTextual()) {
            return Parameters.wellFormed(path, node.textValue());
        }
        boolean absent = node.isMissingNode() || node.isNull();
        if (absent && role == Role.ASSISTANT) {
            return "";
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
        return Parameters.wellFormed(path + ".text", part.path("text").textValue());
    }
}
