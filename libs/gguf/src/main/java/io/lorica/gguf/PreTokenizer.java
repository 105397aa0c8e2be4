package io.lorica.gguf;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// How a byte-level vocabulary cuts text into words before it merges bytes: the names of
/// `tokenizer.ggml.pre` and the expressions behind them, which are those of the models' own
/// `tokenizer.json`.
enum PreTokenizer {
    QWEN2("qwen2 deepseek-r1-qwen megrez kormo", true, false),
    LLAMA3("llama-bpe llama3 llama-v3 falcon3 pixtral", false, true),
    SMAUG("smaug-bpe dbrx", false, false),
    DIGITS("smollm starcoder refact command-r codeshell exaone minerva-7b", false, false),
    GPT2("gpt-2 phi-2 mpt olmo jais trillion", false, false),
    TEKKEN("tekken", false, true),
    /// What llama.cpp takes where a file names nothing.
    DEFAULT("default", false, false);

    /// Each digit by itself.
    static final String ONE_DIGIT = "\\p{N}";
    /// All digits that follow each other.
    static final String DIGITS_TOGETHER = "\\p{N}+";
    /// The words of GPT-2, which are `ByteLevel`'s own.
    static final String GPT2_WORDS =
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String names;
    private final boolean normalized;
    private final boolean wholeWords;

    PreTokenizer(String names, boolean normalized, boolean wholeWords) {
        this.names = names;
        this.normalized = normalized;
        this.wholeWords = wholeWords;
    }

    /// The one of that name.
    static Optional<PreTokenizer> of(String name) {
        return Arrays.stream(values())
                .filter(candidate -> candidate.names().contains(name))
                .findFirst();
    }

    /// The one that cuts by these expressions.
    static Optional<PreTokenizer> of(List<String> expressions, boolean wholeWords) {
        return Arrays.stream(values())
                .filter(candidate -> candidate.expressions().equals(expressions) && candidate.wholeWords == wholeWords)
                .findFirst();
    }

    /// All names, for messages.
    static String allNames() {
        return Arrays.stream(values()).flatMap(one -> one.names().stream()).collect(Collectors.joining(", "));
    }

    /// The names that it goes by; new files are written with the first.
    List<String> names() {
        return List.of(names.split(" "));
    }

    /// The expressions that cut one after the other.
    List<String> expressions() {
        return switch (this) {
            case QWEN2 -> List.of(Expressions.words(1));
            case LLAMA3, SMAUG -> List.of(Expressions.words(3));
            case DIGITS -> List.of(ONE_DIGIT, GPT2_WORDS);
            case GPT2 -> List.of(GPT2_WORDS);
            case TEKKEN -> List.of(Expressions.TEKKEN);
            case DEFAULT -> List.of("[\\p{P}\\$\\+<=>\\^~\\|]+", GPT2_WORDS, DIGITS_TOGETHER, "[0-9][0-9][0-9]");
        };
    }

    /// Whether text is brought to Unicode's composed form first.
    boolean normalized() {
        return normalized;
    }

    /// Whether a word that is a token is never put together from merges. Vocabularies of this kind also
    /// begin with the beginning-of-sequence token where the file does not say.
    boolean wholeWords() {
        return wholeWords;
    }

    /// The tree of `tokenizer.json`.
    ObjectNode tree() {
        ObjectNode root = JSON.createObjectNode().put("type", "Sequence");
        ArrayNode steps = root.putArray("pretokenizers");
        for (String expression : expressions()) {
            ObjectNode split = steps.addObject().put("type", "Split");
            split.putObject("pattern").put("Regex", expression);
            split.put("behavior", "Isolated").put("invert", false);
        }
        steps.addObject()
                .put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", false);
        return root;
    }

    /// The expressions that several ways share.
    private static final class Expressions {

        private static final String OTHERS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n%s]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
        private static final String LETTERS = "[^\\r\\n\\p{L}\\p{N}]?";
        private static final String UPPER = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
        private static final String LOWER = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
        private static final String TEKKEN = LETTERS + UPPER + "*" + LOWER + "+|" + LETTERS + UPPER + "+" + LOWER
                + "*|\\p{N}" + OTHERS.formatted("/");

        /// Words with at most so many digits in one.
        private static String words(int digits) {
            return "(?i:'s|'t|'re|'ve|'m|'ll|'d)|" + LETTERS + "\\p{L}+|\\p{N}" + (digits == 1 ? "" : "{1,3}")
                    + OTHERS.formatted("");
        }
    }
}
