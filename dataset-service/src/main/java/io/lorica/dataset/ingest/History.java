package io.lorica.dataset.ingest;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.lorica.contracts.chat.Role;

/// Reads `history`, as LLaMA-Factory has it: pairs of earlier questions and answers, the oldest first.
final class History {

    private static final String FORM = "The field \"history\" must be a list of pairs [question, answer] of text.";

    private History() {}

    /// The earlier turns of a row, none where it has no history.
    static Reading read(JsonNode row) {
        if (!Fields.has(row, "history")) {
            return Reading.of();
        }
        JsonNode history = row.path("history");
        if (!history.isArray() || !history.valueStream().allMatch(History::isPair)) {
            return Reading.Fault.of(FORM);
        }
        List<Turn> turns = new ArrayList<>();
        for (int index = 0; index < history.size(); index++) {
            switch (pair(history.get(index), Place.pair(index + 1))) {
                case Reading.Fault fault -> {
                    return fault;
                }
                case Reading.Conversation pair -> turns.addAll(pair.turns());
            }
        }
        return new Reading.Conversation(turns);
    }

    private static boolean isPair(JsonNode pair) {
        return pair.isArray()
                && pair.size() == 2
                && pair.valueStream().allMatch(text -> text.isTextual() && !Fields.isEmpty(text));
    }

    private static Reading pair(JsonNode pair, Place place) {
        Turn question = Turn.of(place, Role.USER, pair.path(0).asText());
        Content.Text said = new Content.Text(pair.path(1).asText(), "");
        return switch (Reasoning.answer(place, said, MissingNode.getInstance(), List.of(), null)) {
            case Reading.Fault fault -> fault;
            case Reading.Conversation answer ->
                Reading.of(question, answer.turns().getFirst());
        };
    }
}
