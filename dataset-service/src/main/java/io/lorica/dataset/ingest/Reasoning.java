package io.lorica.dataset.ingest;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import org.jspecify.annotations.Nullable;

/// Finds the reasoning of an answer: in a field beside it, in parts of its content, or in `<think>` before it.
final class Reasoning {

    /// Fields of a message: DeepSeek's name, that of vLLM, and that of gpt-oss.
    static final List<String> FIELDS = List.of("reasoning_content", "reasoning", "thinking");

    // Lists of signed or summarised blocks, which repeat the text of the other fields.
    private static final List<String> BLOCKS = List.of("reasoning_details", "thinking_blocks");

    private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_-]{1,12}");

    private Reasoning() {}

    /// The fields of that kind that a row has beside its messages or its answer. What is no text or a single word
    /// there,
    /// such as `on` or `high`, is a label.
    static List<String> fieldsOf(JsonNode row) {
        return FIELDS.stream()
                .filter(name -> row.path(name).isTextual() && Fields.has(row, name))
                .filter(name -> !LABEL.matcher(row.path(name).asText()).matches())
                .toList();
    }

    /// The first field that is not an assistant's and has reasoning.
    static Optional<Reading.Fault> misplaced(JsonNode message, Role role, Place place) {
        return Stream.concat(FIELDS.stream(), BLOCKS.stream())
                .filter(name -> Fields.has(message, name))
                .findFirst()
                .map(name -> Reading.Fault.at(
                        place,
                        "comes from the " + role.wireName() + " and has \"" + name
                                + "\"; only the assistant's messages can have reasoning"));
    }

    /// An assistant's turn.
    ///
    /// @param source the message or row that may have reasoning beside the answer
    /// @param fields the names of the fields in which it may
    /// @param learn whether it is to be learned, null where nothing says so
    static Reading answer(
            Place place, Content.Text content, JsonNode source, List<String> fields, @Nullable Boolean learn) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String field : fields) {
            if (Fields.has(source, field)) {
                switch (Content.of(source.path(field), Role.USER)) {
                    case Content.Text text -> found.put("\"" + field + "\"", text.said());
                    case Content.Unreadable _ -> {
                        return notText(place, field, source.path(field));
                    }
                }
            }
        }
        Message answer = Thinking.assistant(content.said());
        found.put("a thinking part of the content", content.thought());
        found.put("<think> of the content", answer.reasoning() == null ? "" : answer.reasoning());
        found.values().removeIf(String::isBlank);
        return found.isEmpty() ? plain(place, answer, source, learn) : reasoned(place, answer, found, learn);
    }

    private static Reading plain(Place place, Message answer, JsonNode source, @Nullable Boolean learn) {
        return BLOCKS.stream()
                .filter(name -> Fields.has(source, name))
                .findFirst()
                .<Reading>map(name -> Reading.Fault.at(
                        place,
                        "has the field \"" + name
                                + "\", which cannot be read; write the reasoning as text into \"reasoning_content\""))
                .orElseGet(() -> Reading.of(new Turn(place, answer, learn)));
    }

    private static Reading reasoned(Place place, Message answer, Map<String, String> found, @Nullable Boolean learn) {
        List<String> sources = List.copyOf(found.keySet());
        String first = found.getOrDefault(sources.getFirst(), "");
        for (String source : sources) {
            if (!found.getOrDefault(source, "").strip().equals(first.strip())) {
                return Reading.Fault.at(
                        place,
                        "has two different texts of reasoning, in " + sources.getFirst() + " and in " + source
                                + "; keep one of them");
            }
        }
        return Reading.of(new Turn(place, new Message(Role.ASSISTANT, answer.content(), first), learn));
    }

    private static Reading notText(Place place, String field, JsonNode value) {
        return Reading.Fault.at(place, "has a " + field + " that is " + Fields.kind(value) + ", not text");
    }
}
