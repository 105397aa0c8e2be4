package io.lorica.llm.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

/// The tokens with a role of their own, by their names in `tokenizer_config.json`, such as `bos_token`.
record SpecialTokens(Map<String, String> texts) {

    private static final List<String> NAMES =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    /// Those that the configuration names. Where it does not list the added tokens itself, it is of an older layout,
    /// whose `special_tokens_map.json` has the last word.
    static SpecialTokens read(JsonNode config, JsonNode specialTokensMap) {
        Map<String, String> texts = new LinkedHashMap<>();
        List<JsonNode> sources =
                config.has("added_tokens_decoder") ? List.of(config) : List.of(config, specialTokensMap);
        for (JsonNode source : sources) {
            for (String name : NAMES) {
                text(source.path(name)).ifPresent(text -> texts.put(name, text));
            }
        }
        return new SpecialTokens(texts);
    }

    Optional<String> text(String name) {
        return Optional.ofNullable(texts.get(name));
    }

    /// A token is written as its text, or as an object with the text as `content`.
    private static Optional<String> text(JsonNode value) {
        String text = value.isObject() ? value.path("content").asText("") : value.asText("");
        return text.isEmpty() || value.isNull() ? Optional.empty() : Optional.of(text);
    }
}
