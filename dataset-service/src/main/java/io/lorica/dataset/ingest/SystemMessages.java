package io.lorica.dataset.ingest;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

import io.lorica.contracts.chat.Role;

/// Joins the system messages at the beginning of a conversation into one: the templates have room for one, and would
/// drop others without a word.
final class SystemMessages {

    private SystemMessages() {}

    /// The fault of one that stands behind other messages.
    static Optional<Reading.Fault> misplaced(List<Turn> turns) {
        return turns.stream()
                .dropWhile(turn -> turn.comesFrom(Role.SYSTEM))
                .filter(turn -> turn.comesFrom(Role.SYSTEM))
                .findFirst()
                .map(turn -> Reading.Fault.at(
                        turn.place(),
                        "is a system message behind other messages, where the prompt templates have no room for it; move"
                                + " it to the beginning"));
    }

    /// The conversation with at most one system message. Equal ones are one.
    static List<Turn> joined(List<Turn> turns) {
        Set<String> texts = new LinkedHashSet<>();
        List<Turn> joined = new ArrayList<>();
        for (Turn turn : turns) {
            if (turn.comesFrom(Role.SYSTEM)) {
                texts.add(turn.message().content());
            } else {
                joined.add(turn);
            }
        }
        if (!texts.isEmpty()) {
            joined.addFirst(Turn.of(Place.SYSTEM, Role.SYSTEM, String.join("\n\n", texts)));
        }
        return joined;
    }
}
