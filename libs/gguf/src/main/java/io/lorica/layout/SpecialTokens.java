package io.lorica.layout;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

/// The tokens with a role of their own.
///
/// @param texts their texts by their names in `tokenizer_config.json`, such as `bos_token`
/// @param others the texts of special tokens without a name
public record SpecialTokens(Map<String, String> texts, List<String> others) {

    private static final List<String> NAMES =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");
    private static final List<String> LISTS = List.of("extra_special_tokens", "additional_special_tokens");

    /// Those that the configuration names. Where it does not list the added tokens itself, it is of an older layout,
    /// whose `special_tokens_map.json` has the last word.
    ///
    /// @param config the tree of `tokenizer_config.json`
    /// @param specialTokensMap the tree of `special_tokens_map.json`, a missing node where there is none
    public static SpecialTokens read(JsonNode config, JsonNode specialTokensMap) {
        Map<String, String> texts = new LinkedHashMap<>();
        List<String> others = new ArrayList<>();
        List<JsonNode> sources =
                config.has("added_tokens_decoder") ? List.of(config) : List.of(config, specialTokensMap);
        for (JsonNode source : sources) {
            for (String name : NAMES) {
                text(source.path(name)).ifPresent(text -> texts.put(name, text));
            }
            for (String list : LISTS) {
                source.path(list)
                        .forEach(token -> text(token)
                                .filter(text -> !others.contains(text))
                                .ifPresent(others::add));
            }
        }
        return new SpecialTokens(texts, others);
    }

    /// The text of a token by its name.
    public Optional<String> text(String name) {
        return Optional.ofNullable(texts.get(name));
    }

    /// The same with another end of sequence.
    SpecialTokens withEnd(String text) {
        Map<String, String> all = new LinkedHashMap<>(texts);
        all.put("eos_token", text);
        return new SpecialTokens(all, others);
    }

    /// A token is written as its text, or as an object with the text as `content`.
    private static Optional<String> text(JsonNode value) {
        String text = value.isObject() ? value.path("content").asText("") : value.asText("");
        return text.isEmpty() || value.isNull() ? Optional.empty() : Optional.of(text);
    }
}
