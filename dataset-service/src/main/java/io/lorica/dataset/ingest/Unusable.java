package io.lorica.dataset.ingest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;

/// Fields that other tools take text, loss or the kind of training from, and that cannot be honoured here. A row that
/// has one is set aside by that name; fields that nobody learns from, such as ids and scores, are passed over.
final class Unusable {

    private static final String TOOLS =
            "describes tools, which the prompt templates cannot render; remove the field, or leave the row out";
    private static final String CALL = "calls a tool, which the prompt templates cannot render";
    private static final String MEDIA = "holds images, sound or video, and only text can be learned from";
    private static final String PREFERENCE =
            "belongs to preference training (DPO, KTO), which a supervised job cannot do; keep the answer that is to be"
                    + " learned in a field of one of the known forms, and remove the field";
    private static final String TEMPLATE = "speaks to a chat template, and the prompt templates know nothing of it";
    private static final String TOKENS =
            "holds tokens or masks made beforehand, and the text is made into tokens here; remove the field";

    private static final List<String> MEDIA_FIELDS =
            List.of("images", "image", "image_url", "videos", "video", "audios", "audio", "input_audio");
    private static final Map<String, String> ROW = row();
    private static final Map<String, String> MESSAGE = message();
    // Channel and recipient of gpt-oss that mean an answer to the user.
    private static final Map<String, Set<String>> HARMLESS =
            Map.of("channel", Set.of("final"), "recipient", Set.of("all", "user"));

    private Unusable() {}

    /// The first field of a row that cannot be honoured.
    static Optional<Reading.Fault> firstOfRow(JsonNode row) {
        Stream<String> names = Stream.concat(
                ROW.keySet().stream().filter(name -> says(row, name)),
                // Elsewhere the label of a classifier, in KTO whether an answer is wanted.
                Stream.of("label").filter(name -> row.path(name).isBoolean()));
        return names.findFirst()
                .map(name ->
                        Reading.Fault.of("The field \"" + name + "\" " + ROW.getOrDefault(name, PREFERENCE) + "."));
    }

    /// The first field of a message that cannot be honoured.
    static Optional<Reading.Fault> firstOfMessage(JsonNode message, Place place) {
        return MESSAGE.keySet().stream()
                .filter(name -> says(message, name))
                .filter(name -> !HARMLESS.getOrDefault(name, Set.of())
                        .contains(message.path(name).asText()))
                .findFirst()
                .map(name -> Reading.Fault.at(place, predicate(name)));
    }

    /// The first field of a part of a message's content that cannot be honoured.
    static Optional<String> firstOfPart(JsonNode part) {
        return MEDIA_FIELDS.stream().filter(name -> says(part, name)).findFirst();
    }

    private static String predicate(String name) {
        String why = MESSAGE.getOrDefault(name, "");
        return why.equals(CALL) ? CALL + " (\"" + name + "\")" : "has the field \"" + name + "\": it " + why;
    }

    // Some tools write empty lists as text, or false for none.
    private static boolean says(JsonNode node, String name) {
        String text = node.path(name).asText().strip();
        return Fields.has(node, name) && !Set.of("[]", "{}", "null", "false").contains(text);
    }

    private static Map<String, String> row() {
        Map<String, String> fields = new LinkedHashMap<>();
        List.of("tools", "functions", "builtin_tools").forEach(name -> fields.put(name, TOOLS));
        List.of("tool_calls", "function_call").forEach(name -> fields.put(name, CALL));
        MEDIA_FIELDS.forEach(name -> fields.put(name, MEDIA));
        List.of(
                        "chosen",
                        "rejected",
                        "preferred_output",
                        "non_preferred_output",
                        "preferred_completion",
                        "non_preferred_completion",
                        "kto_tag")
                .forEach(name -> fields.put(name, PREFERENCE));
        List.of("chat_template", "chat_template_kwargs", "model_identity").forEach(name -> fields.put(name, TEMPLATE));
        List.of("input_ids", "completion_mask", "assistant_masks").forEach(name -> fields.put(name, TOKENS));
        return fields;
    }

    private static Map<String, String> message() {
        Map<String, String> fields = new LinkedHashMap<>();
        List.of("tool_calls", "function_call").forEach(name -> fields.put(name, CALL));
        fields.put("tools", TOOLS);
        MEDIA_FIELDS.forEach(name -> fields.put(name, MEDIA));
        fields.put("refusal", "holds a refusal beside the content; write what is to be learned into the content");
        fields.put("name", "names the speaker, which the prompt templates cannot render; write it into the content");
        fields.put("channel", "marks the message as part of another; write reasoning into \"reasoning_content\"");
        fields.put("recipient", "addresses the message to a tool, which the prompt templates cannot render");
        List.of("train_detail", "training_detail")
                .forEach(name -> fields.put(name, "learns parts of a message, and only whole messages can be learned"));
        return fields;
    }
}
