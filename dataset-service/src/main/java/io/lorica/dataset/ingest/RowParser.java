package io.lorica.dataset.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.dataset.RejectedRow;
import io.lorica.contracts.job.LossRegion;

/// Judges one line: finds out its format, reads it as a conversation and checks that there is something to learn. A
/// field that changes the text or the loss is used, or the row is set aside by its name. Immutable, safe for many
/// threads.
public final class RowParser {

    private static final int NAMED_FIELDS = 8;

    /// Judges a line.
    ///
    /// @param trainOn what the job learns of rows
    public RowOutcome parse(Line line, LossRegion trainOn) {
        return switch (line) {
            case Line.Unreadable(int number, String reason) -> rejected(number, Reading.Fault.of(reason));
            case Line.Text(int number, String text) -> parse(number, text, trainOn);
        };
    }

    private static RowOutcome parse(int line, String text, LossRegion trainOn) {
        try {
            return judge(line, RowJson.read(text), trainOn);
        } catch (JsonProcessingException e) {
            return rejected(line, RowJson.fault(e));
        }
    }

    private static RowOutcome judge(int line, JsonNode row, LossRegion trainOn) {
        Optional<Reading.Fault> fault = faultOfRow(row);
        if (fault.isPresent()) {
            return rejected(line, fault.get());
        }
        List<RowFormat> complete = RowFormat.complete(row);
        if (complete.size() > 1) {
            return rejected(line, severalForms(complete));
        }
        Optional<RowFormat> format = complete.stream().findFirst().or(() -> RowFormat.begun(row));
        return format.isPresent() ? judge(line, row, format.get(), trainOn) : rejected(line, unknownForm(row));
    }

    private static RowOutcome judge(int line, JsonNode row, RowFormat format, LossRegion trainOn) {
        return switch (RowForms.read(format, row)) {
            case Reading.Fault fault -> rejected(line, fault);
            case Reading.Conversation(List<Turn> turns) -> {
                Learning learning = new Learning(trainOn);
                yield learning.fault(turns)
                        .map(fault -> rejected(line, fault))
                        .orElseGet(() -> accepted(line, row, format, SystemMessages.joined(turns), learning));
            }
        };
    }

    private static RowOutcome accepted(int line, JsonNode row, RowFormat format, List<Turn> turns, Learning learning) {
        List<Message> conversation = turns.stream().map(Turn::message).toList();
        return new RowOutcome.Accepted(new Example(
                line, format, RowJson.columns(row), conversation, learning.trainOn(), learning.answers(turns)));
    }

    private static Optional<Reading.Fault> faultOfRow(JsonNode row) {
        if (!row.isObject()) {
            return Optional.of(Reading.Fault.of("The line must hold one JSON object, not " + Fields.kind(row) + "."));
        }
        if (hasHalfCharacter(row)) {
            return Optional.of(Reading.Fault.of(
                    "A text holds half of a surrogate pair (\\ud800 to \\udfff), which is no character."));
        }
        return Unusable.firstOfRow(row).or(() -> LearnFlag.faultOfRow(row));
    }

    private static Reading.Fault severalForms(List<RowFormat> complete) {
        List<String> forms = complete.stream()
                .map(format -> "\"" + String.join("\", \"", format.required()) + "\"")
                .toList();
        return Reading.Fault.of("The row is complete in more than one form: by " + String.join(" and by ", forms)
                + "; keep the fields of one.");
    }

    private static Reading.Fault unknownForm(JsonNode row) {
        List<String> names = new ArrayList<>();
        row.fieldNames().forEachRemaining(names::add);
        String found = names.isEmpty()
                ? "no fields"
                : "the fields " + String.join(", ", names.subList(0, Math.min(names.size(), NAMED_FIELDS)));
        return Reading.Fault.of("The row has " + found + ", which is none of the known forms; write it as "
                + RowFormat.CHAT.form() + " or " + RowFormat.REASONING.form() + ".");
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

    private static RowOutcome rejected(int line, Reading.Fault fault) {
        return new RowOutcome.Rejected(new RejectedRow(line, fault.kind(), fault.reason()));
    }
}
