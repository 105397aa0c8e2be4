package io.lorica.llm.bench;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A measured case.
///
/// @param peer what the peer did, empty where none was asked
record BenchRow(BenchCase measured, Outcome ours, Optional<Outcome> peer) {

    /// How many times as long a step of the peer takes.
    OptionalDouble ratio() {
        if (ours instanceof Outcome.Measured own && peer.orElse(null) instanceof Outcome.Measured other) {
            return OptionalDouble.of(other.seconds() / own.seconds());
        }
        return OptionalDouble.empty();
    }

    /// For people.
    String line() {
        StringBuilder line =
                new StringBuilder(String.format(Locale.ROOT, "%-44s  ours %s", measured.label(), words(ours)));
        peer.ifPresent(outcome -> line.append("  peer ").append(words(outcome)));
        ratio().ifPresent(ratio -> line.append(String.format(Locale.ROOT, "  peer / ours %.2f", ratio)));
        return line.toString();
    }

    /// For programs.
    ObjectNode json() {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        measured.arguments().forEach(row.putObject("case")::put);
        put(row, "ours", ours);
        peer.ifPresent(outcome -> put(row, "peer", outcome));
        ratio().ifPresent(ratio -> row.put("peer_over_ours", ratio));
        return row;
    }

    private static void put(ObjectNode row, String name, Outcome outcome) {
        switch (outcome) {
            case Outcome.Measured result -> row.set(name, result.figures());
            case Outcome.Failed failure -> row.putObject(name).put("error", failure.reason());
        }
    }

    private static String words(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Measured result ->
                String.format(Locale.ROOT, "%.3f s", result.seconds())
                        + (result.gib() > 0 ? String.format(Locale.ROOT, " %.1f GiB", result.gib()) : "");
            case Outcome.Failed failure -> "failed (" + failure.reason() + ")";
        };
    }
}
