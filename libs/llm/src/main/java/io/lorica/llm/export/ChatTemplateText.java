package io.lorica.llm.export;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.llm.weights.ModelFiles;

/// The source of a model's chat template.
final class ChatTemplateText {

    private ChatTemplateText() {}

    /// The file of its own, or the text in the tokenizer's configuration, of several the default.
    static Optional<String> of(ModelFiles model, JsonNode tokenizerConfig) {
        Optional<byte[]> file = model.read("chat_template.jinja");
        if (file.isPresent()) {
            return Optional.of(new String(file.get(), StandardCharsets.UTF_8));
        }
        JsonNode template = tokenizerConfig.path("chat_template");
        if (template.isTextual()) {
            return Optional.of(template.asText());
        }
        for (JsonNode named : template) {
            if (named.path("name").asText().equals("default")) {
                return Optional.of(named.path("template").asText());
            }
        }
        return Optional.empty();
    }
}
