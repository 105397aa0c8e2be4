package io.lorica.llm.bench;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// A measured case.
///
/// @param peer what the peer did, empty where none was asked
/// @param parts the parts of a step, empty where they were not asked for
record BenchRow(BenchCase measured, Outcome ours, Optional<Outcome> peer, Optional<Outcome> parts) {

    /// A row without parts.
    BenchRow(BenchCase measured, Outcome ours, Optional<Outcome> peer) {
        this(measured, ours, peer, Optional.empty());
    }

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

    /// The line, and below it those of the parts.
    String text() {
        StringBuilder text = new StringBuilder(line());
        parts.ifPresent(outcome -> text.append(System.lineSeparator()).append(roofline(outcome)));
        return text.toString();
    }

    private static String roofline(Outcome outcome) {
        if (!(outcome instanceof Outcome.Measured measured)) {
            return "    parts " + words(outcome);
        }
        JsonNode figures = measured.figures();
        StringBuilder lines = new StringBuilder(String.format(
                Locale.ROOT,
                "    parts %.4f s over a floor of %.4f at %.0f TFLOP/s and %.0f GB/s",
                measured.seconds(),
                figures.path("floor_s").asDouble(),
                figures.path("sustained_tflops").asDouble(),
                figures.path("sustained_gb_per_s").asDouble()));
        figures.path("parts")
                .forEach(part -> lines.append(String.format(
                        Locale.ROOT,
                        "%n    %-44s %4d x %9.1f us, floor %9.1f, %5.2f x",
                        part.path("part").asText(),
                        part.path("calls").asInt(),
                        part.path("us").asDouble(),
                        part.path("floor_us").asDouble(),
                        part.path("over_floor").asDouble())));
        return lines.toString();
    }

    /// For programs.
    ObjectNode json() {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        measured.arguments().forEach(row.putObject("case")::put);
        put(row, "ours", ours);
        peer.ifPresent(outcome -> put(row, "peer", outcome));
        parts.ifPresent(outcome -> put(row, "parts", outcome));
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
