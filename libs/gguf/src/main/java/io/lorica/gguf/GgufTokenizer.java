package io.lorica.gguf;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A file's vocabulary as the trees of `tokenizer.json` and `tokenizer_config.json`.
public final class GgufTokenizer {

    static final String PREFIX = "tokenizer.ggml.";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TEMPLATE = "tokenizer.chat_template";

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final List<String> tokens;
    private final List<TokenKind> kinds;
    private final Vocabulary vocabulary;

    private GgufTokenizer(GgufFile file) {
        this.file = file;
        this.metadata = file.metadata();
        this.tokens = metadata.texts(PREFIX + "tokens");
        this.kinds = kinds();
        this.vocabulary = vocabulary();
    }

    /// The tree of `tokenizer.json`.
    ///
    /// @throws io.lorica.contracts.error.ProductException when the vocabulary is of a kind that is not
    ///     known
    public static ObjectNode tokenizer(GgufFile file) {
        return new GgufTokenizer(file).tree();
    }

    /// The tree of `tokenizer_config.json`, the chat template in it.
    public static ObjectNode config(GgufFile file) {
        return new GgufTokenizer(file).config();
    }

    private ObjectNode tree() {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        addedTokens(root.putArray("added_tokens"));
        root.set("normalizer", vocabulary.normalizer());
        root.set("pre_tokenizer", vocabulary.preTokenizer());
        root.set("post_processor", addsBos() ? postProcessor() : null);
        root.set("decoder", vocabulary.decoder());
        root.set("model", vocabulary.model());
        return root;
    }

    private ObjectNode config() {
        ObjectNode root = JSON.createObjectNode();
        root.put("tokenizer_class", "PreTrainedTokenizerFast");
        marker("bos").ifPresent(text -> root.put("bos_token", text));
        marker("eos").ifPresent(text -> root.put("eos_token", text));
        marker("unknown").ifPresent(text -> root.put("unk_token", text));
        marker("padding").ifPresent(text -> root.put("pad_token", text));
        root.put("add_bos_token", addsBos());
        root.put("add_eos_token", false);
        root.put("clean_up_tokenization_spaces", false);
        metadata.count(GgufArchitecture.of(file).label() + ".context_length")
                .ifPresent(length -> root.put("model_max_length", (int) length));
        metadata.text(TEMPLATE).ifPresent(template -> root.put("chat_template", template));
        return root;
    }

    private void addedTokens(ArrayNode added) {
        for (int id = 0; id < tokens.size(); id++) {
            if (kinds.get(id).added()) {
                added.addObject()
                        .put("id", id)
                        .put("content", tokens.get(id))
                        .put("single_word", false)
                        .put("lstrip", false)
                        .put("rstrip", false)
                        .put("normalized", false)
                        .put("special", kinds.get(id) != TokenKind.USER_DEFINED);
            }
        }
    }

    private boolean addsBos() {
        return id("bos").isPresent() && metadata.flag(PREFIX + "add_bos_token").orElse(vocabulary.addsBos());
    }

    private ObjectNode postProcessor() {
        int id = id("bos").orElseThrow();
        String text = tokens.get(id);
        ObjectNode root = JSON.createObjectNode().put("type", "TemplateProcessing");
        ArrayNode single = root.putArray("single");
        specialToken(single, text, 0);
        sequence(single, "A", 0);
        ArrayNode pair = root.putArray("pair");
        specialToken(pair, text, 0);
        sequence(pair, "A", 0);
        specialToken(pair, text, 1);
        sequence(pair, "B", 1);
        ObjectNode special = root.putObject("special_tokens").putObject(text);
        special.put("id", text);
        special.putArray("ids").add(id);
        special.putArray("tokens").add(text);
        return root;
    }

    private static void specialToken(ArrayNode template, String id, int type) {
        template.addObject().putObject("SpecialToken").put("id", id).put("type_id", type);
    }

    private static void sequence(ArrayNode template, String id, int type) {
        template.addObject().putObject("Sequence").put("id", id).put("type_id", type);
    }

    private Optional<String> marker(String name) {
        return id(name).map(tokens::get);
    }

    private Optional<Integer> id(String name) {
        OptionalLong id = metadata.count(PREFIX + name + "_token_id");
        if (id.isPresent() && id.getAsLong() >= tokens.size()) {
            throw GgufErrors.damaged(
                    file.name(), "its " + name + " token is " + id.getAsLong() + " of " + tokens.size());
        }
        return id.stream().mapToObj(Math::toIntExact).findFirst();
    }

    private List<TokenKind> kinds() {
        List<TokenKind> read = metadata.wholes(PREFIX + "token_type").stream()
                .map(TokenKind::of)
                .toList();
        if (read.isEmpty()) {
            return tokens.stream().map(_ -> TokenKind.NORMAL).toList();
        }
        if (read.size() != tokens.size()) {
            throw GgufErrors.damaged(
                    file.name(), "it has " + tokens.size() + " tokens and the types of " + read.size());
        }
        return read;
    }

    private Vocabulary vocabulary() {
        if (tokens.isEmpty()) {
            throw GgufErrors.unusable(file.name(), "it has no vocabulary");
        }
        String model = metadata.text(PREFIX + "model").orElse("");
        return switch (model) {
            case "gpt2" -> new ByteLevelVocabulary(tokens, kinds, metadata.texts(PREFIX + "merges"), preTokenizer());
            case "llama" -> sentencePieces();
            default ->
                throw GgufErrors.unusable(
                        file.name(),
                        "its vocabulary is of the kind '" + model + "', and only gpt2 and llama are known");
        };
    }

    /// Files from before the key existed are cut the way of their architecture.
    private PreTokenizer preTokenizer() {
        String usual = GgufArchitecture.of(file) == GgufArchitecture.LLAMA ? "default" : "qwen2";
        String name = metadata.text(PREFIX + "pre").orElse(usual);
        return PreTokenizer.of(name)
                .orElseThrow(() -> GgufErrors.unusable(
                        file.name(),
                        "it cuts words in the way '" + name + "', and only these are known: "
                                + PreTokenizer.allNames()));
    }

    private SentencePieceVocabulary sentencePieces() {
        List<Double> scores = metadata.numbers(PREFIX + "scores");
        if (scores.size() != tokens.size()) {
            throw GgufErrors.damaged(
                    file.name(), "it has " + tokens.size() + " tokens and the scores of " + scores.size());
        }
        return new SentencePieceVocabulary(
                tokens,
                kinds,
                scores,
                marker("unknown").orElse("<unk>"),
                metadata.flag(PREFIX + "add_space_prefix").orElse(true));
    }
}
