package io.lorica.layout;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/// The tokens that are added to a vocabulary: those of `tokenizer.json`, then those that stand only in
/// `tokenizer_config.json` or, in older layouts, in `added_tokens.json`, then special tokens that nothing else lists.
/// What is no token of the vocabulary gets the next free id, whatever id its file gives it.
final class AddedTokens {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Vocabulary vocabulary;
    private final ArrayNode tokens;
    private boolean changed;

    /// @param listed `added_tokens` of `tokenizer.json`
    AddedTokens(Vocabulary vocabulary, JsonNode listed) {
        this.vocabulary = vocabulary;
        this.tokens = JSON.createArrayNode();
        listed.forEach(token -> tokens.add(token.deepCopy()));
    }

    /// Adds what only the other files know.
    ///
    /// @param added the tree of `added_tokens.json`
    void complete(JsonNode config, JsonNode added, SpecialTokens special) {
        declared(config.path("added_tokens_decoder"), added, special).forEach(this::add);
        special.texts().values().forEach(this::addSpecial);
        special.others().forEach(this::addSpecial);
    }

    ArrayNode tokens() {
        return tokens;
    }

    boolean changed() {
        return changed;
    }

    private static List<ObjectNode> declared(JsonNode decoder, JsonNode added, SpecialTokens special) {
        if (decoder.isObject()) {
            return decoder.properties().stream()
                    .sorted(Comparator.comparingInt(token -> Integer.parseInt(token.getKey())))
                    .map(token -> (ObjectNode) token.getValue().deepCopy())
                    .toList();
        }
        return added.properties().stream()
                .sorted(Comparator.comparingInt(token -> token.getValue().asInt()))
                .map(token -> token(token.getKey(), isSpecial(special, token.getKey())))
                .toList();
    }

    private static boolean isSpecial(SpecialTokens special, String text) {
        return special.texts().containsValue(text) || special.others().contains(text);
    }

    private void add(ObjectNode token) {
        ObjectNode listed = listed(token.path("content").asText());
        if (listed == null) {
            append(token);
        } else {
            update(listed, token);
        }
    }

    /// A token that is special once stays so.
    private void update(ObjectNode listed, ObjectNode token) {
        ObjectNode before = listed.deepCopy();
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
            if (token.has(flag)) {
                listed.set(flag, token.get(flag));
            }
        }
        listed.put("special", flag(listed, "special") || flag(token, "special"));
        changed |= !before.equals(listed);
    }

    private void addSpecial(String text) {
        if (listed(text) == null) {
            append(token(text, true));
        }
    }

    private void append(ObjectNode token) {
        String text = token.path("content").asText();
        if (text.isEmpty()) {
            return;
        }
        ObjectNode full = token(text, flag(token, "special"));
        full.put("id", vocabulary.id(text).orElseGet(this::nextId));
        for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized")) {
            full.put(flag, token.has(flag) ? flag(token, flag) : flag(full, flag));
        }
        tokens.add(full);
        changed = true;
    }

    private int nextId() {
        int next = vocabulary.size();
        for (JsonNode token : tokens) {
            next = Math.max(next, token.path("id").asInt(-1) + 1);
        }
        return next;
    }

    private @Nullable ObjectNode listed(String text) {
        for (JsonNode token : tokens) {
            if (token.path("content").asText().equals(text)) {
                return (ObjectNode) token;
            }
        }
        return null;
    }

    private static ObjectNode token(String text, boolean special) {
        return JSON.valueToTree(Map.of(
                "content",
                text,
                "single_word",
                false,
                "lstrip",
                false,
                "rstrip",
                false,
                "normalized",
                !special,
                "special",
                special));
    }

    private static boolean flag(JsonNode token, String name) {
        return token.path(name).asBoolean(false);
    }
}
