package io.lorica.dataset.ingest;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

import io.lorica.contracts.chat.Role;
import io.lorica.contracts.job.LossRegion;

/// Decides which messages of a conversation are learned.
///
/// @param trainOn what the job asks for
record Learning(LossRegion trainOn) {

    // Each example repeats what came before its answer, so a long conversation grows with the square of its turns.
    private static final long MOST_CHARACTERS = 1L << 28;

    /// The fault that keeps a conversation from being learned.
    Optional<Reading.Fault> fault(List<Turn> turns) {
        return faultOfOrder(turns)
                .or(() -> turns.stream()
                        .flatMap(turn -> faultOfAnswer(turn).stream())
                        .findFirst())
                .or(() -> faultOfChoice(turns))
                .or(() -> faultOfLength(turns));
    }

    /// The places of the messages that are learned, from 0: each ends an example.
    List<Integer> answers(List<Turn> turns) {
        int last = turns.size() - 1;
        return switch (trainOn) {
            case ALL ->
                IntStream.rangeClosed(0, last)
                        .filter(place -> turns.get(place).comesFrom(Role.ASSISTANT))
                        .filter(place -> !turns.get(place).switchedOff())
                        .boxed()
                        .toList();
            case LAST, FULL -> List.of(last);
        };
    }

    private static Optional<Reading.Fault> faultOfOrder(List<Turn> turns) {
        if (turns.isEmpty() || !turns.getLast().comesFrom(Role.ASSISTANT)) {
            String from = turns.isEmpty()
                    ? "nobody"
                    : turns.getLast().message().role().wireName();
            return Optional.of(Reading.Fault.of(
                    "The last message comes from the " + from + "; it must be the assistant's answer."));
        }
        if (turns.stream().noneMatch(turn -> turn.comesFrom(Role.USER))) {
            return Optional.of(Reading.Fault.of("There is no message from the user before the assistant's answer."));
        }
        return SystemMessages.misplaced(turns);
    }

    private static Optional<Reading.Fault> faultOfAnswer(Turn turn) {
        if (!turn.comesFrom(Role.ASSISTANT)) {
            return Optional.empty();
        }
        if (turn.message().content().isBlank()) {
            return Optional.of(Reading.Fault.at(turn.place(), "has no answer behind its reasoning"));
        }
        String reasoning =
                turn.message().reasoning() == null ? "" : turn.message().reasoning();
        return Thinking.isMarked(turn.message().content()) || Thinking.isMarked(reasoning)
                ? Optional.of(Reading.Fault.at(
                        turn.place(),
                        "must hold one <think>…</think> at its beginning, or none; the marks must not appear inside the"
                                + " reasoning or the answer"))
                : Optional.empty();
    }

    private Optional<Reading.Fault> faultOfChoice(List<Turn> turns) {
        return switch (trainOn) {
            case ALL ->
                answers(turns).isEmpty()
                        ? Optional.of(Reading.Fault.of("Every message of the assistant has weight 0 or is switched off"
                                + " otherwise, so there is nothing to learn from the row."))
                        : Optional.empty();
            case LAST -> switchedOff(turns.subList(turns.size() - 1, turns.size()), "learns it alone");
            case FULL -> switchedOff(turns, "learns all of the text");
        };
    }

    private Optional<Reading.Fault> switchedOff(List<Turn> turns, String contradiction) {
        return turns.stream()
                .filter(Turn::switchedOff)
                .findFirst()
                .map(turn -> Reading.Fault.at(
                        turn.place(),
                        "has weight 0 or is switched off otherwise, but train_on " + trainOn.wireName() + " "
                                + contradiction + "; choose another train_on, or remove the field"));
    }

    private Optional<Reading.Fault> faultOfLength(List<Turn> turns) {
        long characters = answers(turns).stream()
                .flatMap(answer -> turns.subList(0, answer + 1).stream())
                .mapToLong(turn -> turn.message().content().length())
                .sum();
        return characters > MOST_CHARACTERS
                ? Optional.of(Reading.Fault.of("The conversation has so many answers that its examples, each with what"
                        + " came before, are longer than " + MOST_CHARACTERS + " characters; split it."))
                : Optional.empty();
    }
}
