package io.lorica.dataset.ingest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.contracts.chat.Message;
import io.lorica.contracts.chat.Role;

/// Reads a row of each format into a conversation.
final class RowForms {

    private RowForms() {}

    /// What the row says.
    static Reading read(RowFormat format, JsonNode row) {
        return switch (format) {
            case CHAT -> chat(row);
            case SHARE_GPT -> shareGpt(row);
            case REASONING -> reasoning(row);
            case ALPACA -> alpaca(row);
            case COMPLETION -> completion(row);
        };
    }

    private static Reading chat(JsonNode row) {
        JsonNode last = row.path("messages").path(row.path("messages").size() - 1);
        if (last.path("weight").isNumber() && last.path("weight").asDouble() == 0) {
            return new Reading.Fault("The last message has weight 0, so there is nothing to learn from the row.");
        }
        return Turns.read(row, "messages");
    }

    private static Reading shareGpt(JsonNode row) {
        return withSystem(row, Turns.read(row, "conversations"));
    }

    private static Reading reasoning(JsonNode row) {
        return Fields.firstFault(row, "Question", "Complex_CoT", "Response")
                .<Reading>map(fault -> fault)
                .orElseGet(() -> Reading.of(
                        user(Fields.text(row, "Question")),
                        new Message(Role.ASSISTANT, Fields.text(row, "Response"), Fields.text(row, "Complex_CoT"))));
    }

    private static Reading alpaca(JsonNode row) {
        Optional<Reading.Fault> fault =
                Fields.firstFault(row, "instruction", "output").or(() -> Fields.firstFaultOfOptional(row, "input"));
        if (fault.isPresent()) {
            return fault.get();
        }
        String input = Fields.text(row, "input");
        String instruction = Fields.text(row, "instruction");
        return withSystem(
                row,
                Reading.of(
                        user(input.isBlank() ? instruction : instruction + "\n\n" + input),
                        Thinking.assistant(Fields.text(row, "output"))));
    }

    private static Reading completion(JsonNode row) {
        return Fields.firstFault(row, "prompt", "completion")
                .<Reading>map(fault -> fault)
                .orElseGet(() -> Reading.of(
                        user(Fields.text(row, "prompt")), Thinking.assistant(Fields.text(row, "completion"))));
    }

    private static Reading withSystem(JsonNode row, Reading reading) {
        Optional<Reading.Fault> fault = Fields.firstFaultOfOptional(row, "system");
        if (fault.isPresent()) {
            return fault.get();
        }
        String system = Fields.text(row, "system");
        return switch (reading) {
            case Reading.Fault faulty -> faulty;
            case Reading.Conversation conversation when system.isBlank() -> conversation;
            case Reading.Conversation conversation -> {
                List<Message> turns = new ArrayList<>();
                turns.add(Message.of(Role.SYSTEM, system));
                turns.addAll(conversation.turns());
                yield new Reading.Conversation(turns);
            }
        };
    }

    private static Message user(String text) {
        return Message.of(Role.USER, text);
    }
}
