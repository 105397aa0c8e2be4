package io.lorica.dataset.ingest;

import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Role;

/// Joins the parts of a content as they come: text, and before an answer its reasoning. For one thread.
final class ContentParts {

    private final Role role;
    private final StringBuilder said = new StringBuilder();
    private final StringBuilder thought = new StringBuilder();
    private Optional<String> fault = Optional.empty();

    ContentParts(Role role) {
        this.role = role;
    }

    /// All parts together, or what is wrong with the first that cannot be learned from.
    Content content() {
        return fault.<Content>map(what -> new Content.Unreadable("has no text content: " + what))
                .orElseGet(() -> new Content.Text(said.toString(), thought.toString()));
    }

    void add(JsonNode part) {
        if (fault.isEmpty()) {
            fault = faultOf(part);
        }
    }

    /// Takes the part, or says why it cannot be taken.
    private Optional<String> faultOf(JsonNode part) {
        if (part.isNull()) {
            return Optional.empty();
        }
        if (!part.isObject()) {
            return Optional.of("a part of it is " + Fields.kind(part) + ", not an object with a type and a text");
        }
        Optional<String> unusable = Unusable.firstOfPart(part);
        if (unusable.isPresent()) {
            return unusable.map(name -> "a part of it has \"" + name + "\", and only text can be learned from");
        }
        String type = Fields.text(part, "type");
        return switch (type) {
            case "", "text", "input_text", "output_text" -> say(part);
            case "thinking", "reasoning" -> think(part, type);
            default -> Optional.of("a part of it is of type \"" + type + "\", and only text can be learned from");
        };
    }

    private Optional<String> say(JsonNode part) {
        JsonNode text = part.path("text");
        if (!text.isTextual() && !text.isNull()) {
            return Optional.of("a part of it has no text");
        }
        said.append(text.isNull() ? "" : text.asText());
        return Optional.empty();
    }

    private Optional<String> think(JsonNode part, String type) {
        if (role != Role.ASSISTANT || !said.toString().isBlank()) {
            return Optional.of("a part of type \"" + type + "\" may only stand at the beginning of an answer");
        }
        return switch (Content.of(part.has(type) ? part.path(type) : part.path("text"), Role.USER)) {
            case Content.Text words -> {
                thought.append(words.said());
                yield Optional.empty();
            }
            case Content.Unreadable _ -> Optional.of("a part of type \"" + type + "\" has no text");
        };
    }
}
