package io.lorica.gguf;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;

/// Which expressions cut text into words, read off the pre-tokenizer of a `tokenizer.json`.
final class WordCuts {

    private WordCuts() {}

    /// The expressions, one after the other; what is not known appears as the name of its kind.
    static List<String> expressions(JsonNode preTokenizer) {
        List<String> expressions = new ArrayList<>();
        add(preTokenizer, expressions);
        return expressions;
    }

    private static void add(JsonNode step, List<String> expressions) {
        String type = step.path("type").asText("none");
        switch (type) {
            case "Sequence" -> step.path("pretokenizers").forEach(inner -> add(inner, expressions));
            case "Split" -> expressions.add(step.path("pattern").path("Regex").asText("a literal"));
            case "Digits" -> expressions.add(digits(step));
            case "ByteLevel" -> addByteLevel(step, expressions);
            default -> expressions.add(type);
        }
    }

    private static String digits(JsonNode step) {
        return step.path("individual_digits").asBoolean(false) ? PreTokenizer.ONE_DIGIT : PreTokenizer.DIGITS_TOGETHER;
    }

    private static void addByteLevel(JsonNode step, List<String> expressions) {
        if (step.path("add_prefix_space").asBoolean(true)) {
            expressions.add("a space before the text");
        }
        if (step.path("use_regex").asBoolean(true)) {
            expressions.add(PreTokenizer.GPT2_WORDS);
        }
    }
}
