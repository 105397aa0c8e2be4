package io.lorica.gguf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// The tokens of a `tokenizer.json` by their id, and what each is for.
///
/// @param texts the tokens
/// @param kinds what each is for
record TokenList(List<String> texts, List<TokenKind> kinds) {

    private static final int BYTES = 256;

    /// All ids below the size; those that no token has are unused.
    ///
    /// @throws ProductException when a token has an id beyond
    static TokenList of(JsonNode tokenizer, int size) {
        List<String> texts = new ArrayList<>();
        for (int id = 0; id < size; id++) {
            texts.add("[PAD" + id + "]");
        }
        List<TokenKind> kinds = new ArrayList<>(Collections.nCopies(size, TokenKind.UNUSED));
        TokenList tokens = new TokenList(texts, kinds);
        tokenizer
                .path("model")
                .path("vocab")
                .properties()
                .forEach(token -> tokens.set(token.getValue().asInt(-1), token.getKey(), TokenKind.NORMAL));
        for (JsonNode added : tokenizer.path("added_tokens")) {
            boolean special = added.path("special").asBoolean(false);
            tokens.set(
                    added.path("id").asInt(-1),
                    added.path("content").asText(),
                    special ? TokenKind.CONTROL : TokenKind.USER_DEFINED);
        }
        return tokens;
    }

    Optional<Integer> id(String text) {
        int id = texts.indexOf(text);
        return id < 0 ? Optional.empty() : Optional.of(id);
    }

    /// The kinds of a vocabulary of pieces, which has tokens of single bytes and one for what cannot be spelled.
    List<TokenKind> kindsOfPieces(String unknown) {
        List<TokenKind> all = new ArrayList<>(kinds);
        for (int value = 0; value < BYTES; value++) {
            id("<0x%02X>".formatted(value)).ifPresent(id -> all.set(id, TokenKind.BYTE));
        }
        id(unknown).ifPresent(id -> all.set(id, TokenKind.UNKNOWN));
        return all;
    }

    /// A score for each token: the higher, the earlier a merge makes it; the lowest for those that none makes.
    List<Float> scores(List<String> merges) {
        Map<String, Integer> ranks = new HashMap<>();
        for (int rank = 0; rank < merges.size(); rank++) {
            ranks.putIfAbsent(merges.get(rank).replace(" ", ""), rank);
        }
        return texts.stream()
                .map(text -> (float) -ranks.getOrDefault(text, merges.size()))
                .toList();
    }

    private void set(int id, String text, TokenKind kind) {
        if (id < 0 || id >= texts.size()) {
            throw ProductException.of(
                    ErrorCode.UNSUPPORTED_MODEL,
                    "The model's tokenizer cannot be written as GGUF: its token '" + text + "' has the id " + id
                            + ", and the model has " + texts.size() + " tokens.");
        }
        texts.set(id, text);
        kinds.set(id, kind);
    }
}
