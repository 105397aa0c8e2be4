package io.lorica.dataset.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;
import io.lorica.contracts.dataset.RejectedRow;

/// Judges one line: finds out its format, reads it as a conversation and checks that there is something to learn.
/// Immutable, safe for many threads.
public final class RowParser {

    private static final int NAMED_FIELDS = 8;
    private static final TypeReference<Map<String, Object>> COLUMNS = new TypeReference<>() {};
    private static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    /// What becomes of a line.
    public RowOutcome parse(Line line) {
        return switch (line) {
            case Line.Unreadable(int number, String reason) -> rejected(number, reason);
            case Line.Text(int number, String text) -> parse(number, text);
        };
    }

    private static RowOutcome parse(int line, String text) {
        try {
            return judge(line, JSON.readTree(text));
        } catch (JsonProcessingException e) {
            return rejected(line, malformed(e));
        }
    }

    private static RowOutcome judge(int line, JsonNode row) {
        if (!row.isObject()) {
            return rejected(line, "The line must hold one JSON object, not " + Fields.kind(row) + ".");
        }
        if (hasHalfCharacter(row)) {
            return rejected(line, "A text holds half of a surrogate pair (\\ud800 to \\udfff), which is no character.");
        }
        Optional<RowFormat> format = RowFormat.of(row);
        if (format.isEmpty()) {
            return rejected(line, unknownForm(row));
        }
        return switch (RowForms.read(format.get(), row)) {
            case Reading.Fault(String reason) -> rejected(line, reason);
            case Reading.Conversation(List<Message> turns) ->
                fault(turns)
                        .map(reason -> rejected(line, reason))
                        .orElseGet(() -> new RowOutcome.Accepted(
                                new Example(line, format.get(), JSON.convertValue(row, COLUMNS), turns)));
        };
    }

    private static Optional<String> fault(List<Message> turns) {
        Message last = turns.getLast();
        if (last.role() != Role.ASSISTANT) {
            return Optional.of("The last message comes from the " + last.role().wireName()
                    + "; it must be the assistant's answer.");
        }
        if (turns.stream().noneMatch(turn -> turn.role() == Role.USER)) {
            return Optional.of("There is no message from the user before the assistant's answer.");
        }
        if (last.content().isBlank()) {
            return Optional.of("The assistant's last message has no answer behind its reasoning.");
        }
        String reasoning = last.reasoning() == null ? "" : last.reasoning();
        if (Thinking.isMarked(last.content()) || Thinking.isMarked(reasoning)) {
            return Optional.of("The assistant's last message must hold one <think>…</think> at its beginning, or none;"
                    + " the marks must not appear inside the reasoning or the answer.");
        }
        return Optional.empty();
    }

    private static String unknownForm(JsonNode row) {
        List<String> names = new ArrayList<>();
        row.fieldNames().forEachRemaining(names::add);
        String found = names.isEmpty()
                ? "no fields"
                : "the fields " + String.join(", ", names.subList(0, Math.min(names.size(), NAMED_FIELDS)));
        return "The row has " + found + ", which is none of the known forms; write it as " + RowFormat.CHAT.form()
                + " or " + RowFormat.REASONING.form() + ".";
    }

    private static String malformed(JsonProcessingException failure) {
        String detail = failure.getOriginalMessage() == null ? "it is malformed" : failure.getOriginalMessage();
        String what = detail.lines().findFirst().orElse("it is malformed");
        if (what.startsWith("Duplicate field")) {
            return "The row has the same field twice (" + what.substring("Duplicate field ".length()) + ").";
        }
        // Jackson adds in brackets where an unclosed value began, in words meant for programmers.
        String said = what.replaceFirst(" \\(start marker at .*", "");
        String where = failure.getLocation() == null
                ? ""
                : " at column " + failure.getLocation().getColumnNr();
        return "The line is not valid JSON" + where + ": " + said + ".";
    }

    private static boolean hasHalfCharacter(JsonNode value) {
        if (value.isTextual()) {
            return isHalfCharacter(value.asText());
        }
        for (Map.Entry<String, JsonNode> field : value.properties()) {
            if (isHalfCharacter(field.getKey())) {
                return true;
            }
        }
        for (JsonNode child : value) {
            if (hasHalfCharacter(child)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isHalfCharacter(String text) {
        return text.codePoints()
                .anyMatch(point -> point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE);
    }

    private static RowOutcome rejected(int line, String reason) {
        return new RowOutcome.Rejected(new RejectedRow(line, reason));
    }
}
