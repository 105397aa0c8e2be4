package io.lorica.llm.demo;

import java.util.List;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// The tokenizer of the demo model: byte-level BPE with the markers of the DeepSeek-R1-Distill family.
final class DemoTokenizer {

    static final String BEGIN = "<｜begin▁of▁sentence｜>";
    static final String END = "<｜end▁of▁sentence｜>";

    private static final List<String> MARKERS = List.of(BEGIN, END, "<｜User｜>", "<｜Assistant｜>", "<think>", "</think>");
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Turns with the family's markers; earlier reasoning is left out, and the model is asked to go on inside
    /// `<think>`.
    private static final String CHAT_TEMPLATE = "{{ bos_token }}"
            + "{% for message in messages %}{% if message['role'] == 'system' %}{{ message['content'] }}{% endif %}{% endfor %}"
            + "{% for message in messages %}"
            + "{% if message['role'] == 'user' %}{{ '<｜User｜>' + message['content'] }}{% endif %}"
            + "{% if message['role'] == 'assistant' %}"
            + "{{ '<｜Assistant｜>' + message['content'].split('</think>')[-1] + eos_token }}{% endif %}"
            + "{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<｜Assistant｜><think>\\n' }}{% endif %}";

    private final List<BytePairs.Pair> merges;

    DemoTokenizer(List<BytePairs.Pair> merges) {
        this.merges = List.copyOf(merges);
    }

    int size() {
        return BytePairs.alphabet().size() + merges.size() + MARKERS.size();
    }

    int idOf(String marker) {
        return BytePairs.alphabet().size() + merges.size() + MARKERS.indexOf(marker);
    }

    ObjectNode tokenizerJson() {
        ObjectNode root = JSON.createObjectNode();
        root.put("version", "1.0");
        ArrayNode added = root.putArray("added_tokens");
        for (String marker : MARKERS) {
            added.addObject()
                    .put("id", idOf(marker))
                    .put("content", marker)
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    // As in the family: the thinking markers are text that a reader sees, the others are not.
                    .put("special", !marker.contains("think"));
        }
        byteLevel(root.putObject("pre_tokenizer"));
        byteLevel(root.putObject("decoder"));
        ObjectNode model = root.putObject("model");
        model.put("type", "BPE");
        ObjectNode vocabulary = model.putObject("vocab");
        BytePairs.alphabet().forEach(character -> vocabulary.put(character, vocabulary.size()));
        merges.forEach(pair -> vocabulary.put(pair.merged(), vocabulary.size()));
        ArrayNode list = model.putArray("merges");
        merges.forEach(pair -> list.add(pair.left() + " " + pair.right()));
        return root;
    }

    ObjectNode tokenizerConfig(int maxPositions) {
        return JSON.createObjectNode()
                .put("tokenizer_class", "PreTrainedTokenizerFast")
                .put("bos_token", BEGIN)
                .put("eos_token", END)
                .put("pad_token", END)
                .put("add_bos_token", true)
                .put("add_eos_token", false)
                .put("clean_up_tokenization_spaces", false)
                .put("model_max_length", maxPositions)
                .put("chat_template", CHAT_TEMPLATE);
    }

    private static void byteLevel(ObjectNode node) {
        node.put("type", "ByteLevel")
                .put("add_prefix_space", false)
                .put("trim_offsets", false)
                .put("use_regex", true);
    }
}
