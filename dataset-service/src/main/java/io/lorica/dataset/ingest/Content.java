package io.lorica.dataset.ingest;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Role;

/// Content of a message: text, or a list of parts that are text.
sealed interface Content {

    /// Something that was said.
    ///
    /// @param said the text
    /// @param thought the reasoning that stands before it in parts of its own, empty where there is none
    record Text(String said, String thought) implements Content {}

    /// Something that cannot be learned from.
    ///
    /// @param what what is wrong with it, as the end of a sentence that begins with the message
    record Unreadable(String what) implements Content {}

    /// Reads a content.
    static Content of(JsonNode content, Role role) {
        if (content.isTextual()) {
            return new Text(content.asText(), "");
        }
        if (!content.isArray() && !content.isObject()) {
            return new Unreadable("has no text content; content must be text or a list of text parts");
        }
        ContentParts parts = new ContentParts(role);
        if (content.isObject()) {
            parts.add(content);
        } else {
            content.forEach(parts::add);
        }
        return parts.content();
    }
}
