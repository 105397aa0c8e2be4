package io.lorica.dataset.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Role;

/// Reads a row of each format into a conversation.
final class RowForms {

    private static final String COMPLEX_COT = "Complex_CoT";

    private RowForms() {}

    /// Reads the row.
    static Reading read(RowFormat format, JsonNode row) {
        return switch (format) {
            case CHAT -> withSystem(row, listed(row, "messages"));
            case SHARE_GPT -> withSystem(row, listed(row, "conversations"));
            case REASONING -> reasoning(row);
            case ALPACA -> alpaca(row);
            case COMPLETION -> completion(row);
        };
    }

    private static Reading listed(JsonNode row, String field) {
        return Stream.concat(
                        Stream.of("history").filter(name -> Fields.has(row, name)), Reasoning.fieldsOf(row).stream())
                .findFirst()
                .<Reading>map(name -> Reading.Fault.of("The field \"" + name + "\" stands beside \"" + field
                        + "\"; write its text into the message that it belongs to, or remove it."))
                .orElseGet(() -> Turns.read(row, field));
    }

    private static Reading reasoning(JsonNode row) {
        return Fields.firstFault(row, "Question", COMPLEX_COT, "Response")
                .<Reading>map(fault -> fault)
                .orElseGet(() -> single(
                        row,
                        Fields.text(row, "Question"),
                        Fields.text(row, "Response"),
                        Stream.concat(Stream.of(COMPLEX_COT), Reasoning.fieldsOf(row).stream())
                                .toList()));
    }

    private static Reading alpaca(JsonNode row) {
        Optional<Reading.Fault> fault =
                Fields.firstFault(row, "instruction", "output").or(() -> Fields.firstFaultOfOptional(row, "input"));
        if (fault.isPresent()) {
            return fault.get();
        }
        String input = Fields.text(row, "input");
        String instruction = Fields.text(row, "instruction");
        return single(
                row,
                input.isBlank() ? instruction : instruction + "\n\n" + input,
                Fields.text(row, "output"),
                Reasoning.fieldsOf(row));
    }

    private static Reading completion(JsonNode row) {
        return Fields.firstFault(row, "prompt", "completion")
                .<Reading>map(fault -> fault)
                .orElseGet(() -> single(
                        row, Fields.text(row, "prompt"), Fields.text(row, "completion"), Reasoning.fieldsOf(row)));
    }

    /// One question and its answer, behind the system's message and the earlier turns that the row has beside them.
    private static Reading single(JsonNode row, String question, String answer, List<String> reasoning) {
        Reading asked = Reading.of(Turn.of(Place.QUESTION, Role.USER, question));
        Reading answered = Reasoning.answer(Place.ANSWER, new Content.Text(answer, ""), row, reasoning, null);
        return withSystem(row, joined(History.read(row), asked, answered));
    }

    private static Reading withSystem(JsonNode row, Reading reading) {
        Reading system = Reading.of();
        for (String field : List.of("system", "system_prompt")) {
            Optional<Reading.Fault> fault = Fields.firstFaultOfOptional(row, field);
            if (fault.isPresent()) {
                return fault.get();
            }
            if (Fields.has(row, field)) {
                system = joined(system, Reading.of(Turn.of(Place.SYSTEM, Role.SYSTEM, Fields.text(row, field))));
            }
        }
        return joined(system, reading);
    }

    /// All turns in their order, or the first fault.
    private static Reading joined(Reading... readings) {
        List<Turn> turns = new ArrayList<>();
        for (Reading reading : readings) {
            switch (reading) {
                case Reading.Fault fault -> {
                    return fault;
                }
                case Reading.Conversation conversation -> turns.addAll(conversation.turns());
            }
        }
        return new Reading.Conversation(turns);
    }
}
