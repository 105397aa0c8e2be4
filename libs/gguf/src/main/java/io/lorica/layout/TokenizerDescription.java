package io.lorica.layout;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// A model's tokenizer as all of its files together describe it: `tokenizer.json`, `tokenizer_config.json`,
/// `special_tokens_map.json`, `added_tokens.json`, and the ends that the model's own configuration names.
public final class TokenizerDescription {

    /// The file that says how text is cut.
    public static final String TOKENIZER = "tokenizer.json";
    /// The file that says what tokens are for.
    public static final String CONFIG = "tokenizer_config.json";

    private static final String SPECIAL_TOKENS = "special_tokens_map.json";
    private static final String ADDED_TOKENS = "added_tokens.json";
    private static final String END_ID = "eos_token_id";

    private final JsonNode tree;
    private final JsonNode config;
    private final SpecialTokens specialTokens;
    private final boolean completed;
    private final Map<Integer, String> texts;

    private TokenizerDescription(
            JsonNode tree,
            JsonNode config,
            SpecialTokens specialTokens,
            boolean completed,
            Map<Integer, String> texts) {
        this.tree = tree;
        this.config = config;
        this.specialTokens = specialTokens;
        this.completed = completed;
        this.texts = texts;
    }

    /// The description that a model's files give.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when `tokenizer.json` is missing, or a file is not JSON
    public static TokenizerDescription read(SmallFiles files) {
        JsonNode tree = files.tree(TOKENIZER);
        if (!tree.isObject()) {
            throw unusable("its " + TOKENIZER + " is missing");
        }
        JsonNode config = files.tree(CONFIG);
        SpecialTokens named = SpecialTokens.read(config, files.tree(SPECIAL_TOKENS));
        Vocabulary vocabulary = Vocabulary.of(tree.path("model").path("vocab"));
        AddedTokens added = new AddedTokens(vocabulary, tree.path("added_tokens"));
        added.complete(config, files.tree(ADDED_TOKENS), named);
        JsonNode complete = added.changed() ? with(tree, added) : tree;
        Map<Integer, String> texts = texts(vocabulary, complete);
        return new TokenizerDescription(complete, config, withEnd(named, texts, files), added.changed(), texts);
    }

    /// The tokens with a role of their own, read without the vocabulary.
    public static SpecialTokens specialTokens(SmallFiles files) {
        return SpecialTokens.read(files.tree(CONFIG), files.tree(SPECIAL_TOKENS));
    }

    /// The tree of `tokenizer.json` with all added tokens in it.
    public JsonNode tree() {
        return tree;
    }

    /// The tree of `tokenizer_config.json`, a missing node where there is none.
    public JsonNode config() {
        return config;
    }

    /// Tells whether the tree has tokens that the file lacks.
    public boolean completed() {
        return completed;
    }

    /// The tokens with a role of their own.
    public SpecialTokens specialTokens() {
        return specialTokens;
    }

    /// The text of the token that ends a sequence.
    ///
    /// @throws ProductException with `UNSUPPORTED_MODEL` when no file names one
    public String terminator() {
        return specialTokens
                .text("eos_token")
                .orElseThrow(() -> unusable("no file names its end-of-sequence token, without which an answer has no"
                        + " end: eos_token in " + CONFIG + " or " + SPECIAL_TOKENS
                        + ", eos_token_id in generation_config.json or config.json,"
                        + " tokenizer.ggml.eos_token_id in a GGUF file"));
    }

    /// The ids of the tokens that a text without markers leaves out.
    public BitSet markers() {
        BitSet ids = new BitSet();
        tree.path("added_tokens").forEach(token -> {
            if (token.path("special").asBoolean(false)) {
                ids.set(token.path("id").asInt());
            }
        });
        return ids;
    }

    /// The texts of added tokens by their ids.
    public Map<Integer, String> added() {
        Map<Integer, String> added = new HashMap<>();
        tree.path("added_tokens")
                .forEach(token -> added.put(
                        token.path("id").asInt(), token.path("content").asText()));
        return added;
    }

    /// Tells whether a text's first word gets a space before it that the text does not have.
    public boolean putsSpaceBeforeText() {
        return steps(tree.path("normalizer"), "normalizers")
                        .anyMatch(step -> step.path("type").asText().equals("Prepend"))
                || steps(tree.path("pre_tokenizer"), "pretokenizers").anyMatch(TokenizerDescription::putsSpace);
    }

    private static boolean putsSpace(JsonNode step) {
        return switch (step.path("type").asText()) {
            case "Metaspace" -> !step.path("prepend_scheme").asText("always").equals("never");
            case "ByteLevel" -> step.path("add_prefix_space").asBoolean(false);
            default -> false;
        };
    }

    /// A step alone, or those of a sequence.
    private static Stream<JsonNode> steps(JsonNode step, String name) {
        return Stream.concat(Stream.of(step), step.findValues(name).stream().flatMap(list -> list.valueStream()));
    }

    /// The ids of all tokens.
    public BitSet ids() {
        BitSet ids = new BitSet();
        texts.keySet().forEach(ids::set);
        return ids;
    }

    /// The bytes that tokens such as `<0xE4>` stand for, by their ids; none where the decoder takes these as text.
    public Map<Integer, Integer> bytes() {
        if (!decodesBytes(tree.path("decoder"))) {
            return Map.of();
        }
        Map<Integer, Integer> bytes = new HashMap<>();
        texts.forEach((id, text) -> {
            if (text.matches("<0x[0-9A-Fa-f]{2}>")) {
                bytes.put(id, Integer.parseInt(text.substring(3, 5), 16));
            }
        });
        return bytes;
    }

    /// Sees to it that the model knows all tokens.
    ///
    /// @param rows rows of the model's embedding
    /// @throws ProductException with `UNSUPPORTED_MODEL` that names both sizes when there are more tokens than rows
    public void requireRows(int rows) {
        int size = texts.keySet().stream().mapToInt(id -> id + 1).max().orElse(0);
        if (size > rows) {
            throw unusable("it has " + size + " tokens, the last one '" + texts.get(size - 1)
                    + "', and the model's embedding has rows for " + rows + " (vocab_size in config.json). Use the"
                    + " tokenizer that belongs to the model, or a model whose embedding was resized");
        }
    }

    private static boolean decodesBytes(JsonNode decoder) {
        return Stream.concat(
                        Stream.of(decoder),
                        decoder.findValues("decoders").stream().flatMap(steps -> steps.valueStream()))
                .anyMatch(step -> step.path("type").asText().equals("ByteFallback"));
    }

    private static JsonNode with(JsonNode tree, AddedTokens added) {
        ObjectNode complete = ((ObjectNode) tree).objectNode();
        complete.setAll((ObjectNode) tree);
        complete.set("added_tokens", added.tokens());
        return complete;
    }

    private static Map<Integer, String> texts(Vocabulary vocabulary, JsonNode tree) {
        Map<Integer, String> texts = new HashMap<>();
        vocabulary.ids().forEach((text, id) -> texts.put(id, text));
        tree.path("added_tokens")
                .forEach(token -> texts.put(
                        token.path("id").asInt(), token.path("content").asText()));
        return texts;
    }

    /// An end that no file of the tokenizer names is the first one that answers end with.
    private static SpecialTokens withEnd(SpecialTokens named, Map<Integer, String> texts, SmallFiles files) {
        if (named.text("eos_token").isPresent()) {
            return named;
        }
        return Stream.of("generation_config.json", "config.json")
                .map(file -> files.tree(file).path(END_ID))
                .map(id -> id.isArray() ? id.path(0) : id)
                .filter(JsonNode::isInt)
                .map(id -> texts.get(id.asInt()))
                .filter(text -> text != null)
                .findFirst()
                .map(named::withEnd)
                .orElse(named);
    }

    private static ProductException unusable(String reason) {
        return ProductException.of(
                ErrorCode.UNSUPPORTED_MODEL, "The model's tokenizer cannot be used: " + reason + ".");
    }
}
