package io.lorica.layout;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

/// The tokens of `model.vocab` in a `tokenizer.json`.
///
/// @param ids the ids by their texts
record Vocabulary(Map<String, Integer> ids) {

    /// Texts with their ids, or a list of pieces with their scores in the order of the ids.
    static Vocabulary of(JsonNode vocabulary) {
        Map<String, Integer> ids = new HashMap<>();
        if (vocabulary.isArray()) {
            vocabulary.forEach(piece -> ids.putIfAbsent(piece.path(0).asText(), ids.size()));
        } else {
            vocabulary
                    .properties()
                    .forEach(token -> ids.put(token.getKey(), token.getValue().asInt(-1)));
        }
        return new Vocabulary(ids);
    }

    Optional<Integer> id(String text) {
        return Optional.ofNullable(ids.get(text));
    }

    int size() {
        return ids.size();
    }
}
