package io.lorica.gguf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.layout.SpecialTokens;

/// Writes a tokenizer as a file's metadata.
///
/// @param tokenizer the tree of `tokenizer.json` with all added tokens
/// @param special the tokens with a role of their own
/// @param size how many tokens the model has; ids that no token has are filled up
public record TokenizerKeys(JsonNode tokenizer, SpecialTokens special, int size) {

    private static final String PREFIX = GgufTokenizer.PREFIX;

    /// Adds the vocabulary.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when llama.cpp has no such tokenizer
    public void addTo(GgufWriter writer) {
        JsonNode model = tokenizer.path("model");
        if (!model.path("type").asText().equals("BPE")) {
            throw unwritable("it is of the type '" + model.path("type").asText() + "', and only BPE is known");
        }
        boolean pieces = model.path("byte_fallback").asBoolean(false);
        TokenList tokens = TokenList.of(tokenizer, size);
        if (pieces) {
            addPieces(writer, tokens);
        } else {
            addByteLevel(writer, tokens);
        }
        markers(writer, tokens);
    }

    private void addByteLevel(GgufWriter writer, TokenList tokens) {
        JsonNode model = tokenizer.path("model");
        List<String> expressions = WordCuts.expressions(tokenizer.path("pre_tokenizer"));
        boolean wholeWords = model.path("ignore_merges").asBoolean(false);
        PreTokenizer cut = PreTokenizer.of(expressions, wholeWords)
                .orElseThrow(() -> unwritable("llama.cpp has no name for the way in which it cuts words"));
        writer.text(PREFIX + "model", "gpt2");
        writer.text(PREFIX + "pre", cut.names().getFirst());
        writer.texts(PREFIX + "tokens", tokens.texts());
        writer.wholes(
                PREFIX + "token_type",
                tokens.kinds().stream().map(Enum::ordinal).toList());
        writer.texts(PREFIX + "merges", merges());
    }

    /// SentencePiece merges what has the highest score; here the first merge that makes a piece is its score.
    private void addPieces(GgufWriter writer, TokenList tokens) {
        writer.text(PREFIX + "model", "llama");
        writer.text(PREFIX + "pre", "default");
        writer.texts(PREFIX + "tokens", tokens.texts());
        writer.numbers(PREFIX + "scores", tokens.scores(merges()));
        writer.wholes(
                PREFIX + "token_type",
                tokens.kindsOfPieces(tokenizer.path("model").path("unk_token").asText("<unk>")).stream()
                        .map(Enum::ordinal)
                        .toList());
        writer.flag(
                PREFIX + "add_space_prefix",
                tokenizer.path("normalizer").toString().contains("\"Prepend\""));
    }

    /// A merge is written as text with a space, or as a list of two.
    private List<String> merges() {
        List<String> merges = new ArrayList<>();
        for (JsonNode merge : tokenizer.path("model").path("merges")) {
            merges.add(
                    merge.isArray()
                            ? merge.path(0).asText() + " " + merge.path(1).asText()
                            : merge.asText());
        }
        return merges;
    }

    private void markers(GgufWriter writer, TokenList tokens) {
        Map.of("bos", "bos_token", "eos", "eos_token", "unknown", "unk_token", "padding", "pad_token")
                .forEach((key, name) -> special.text(name)
                        .flatMap(tokens::id)
                        .ifPresent(id -> writer.whole(PREFIX + key + "_token_id", id)));
        boolean addsBos = special.text("bos_token").filter(this::beginsWith).isPresent();
        writer.flag(PREFIX + "add_bos_token", addsBos);
        writer.flag(PREFIX + "add_eos_token", false);
    }

    /// Whether every text gets that token in front, which a template says, alone or in a sequence of steps.
    private boolean beginsWith(String marker) {
        for (JsonNode template : tokenizer.path("post_processor").findValues("single")) {
            if (template.path(0).path("SpecialToken").path("id").asText().equals(marker)) {
                return true;
            }
        }
        return false;
    }

    private static ProductException unwritable(String reason) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL,
                "The model's tokenizer cannot be written as GGUF: " + reason + ". Export safetensors instead.");
    }
}
