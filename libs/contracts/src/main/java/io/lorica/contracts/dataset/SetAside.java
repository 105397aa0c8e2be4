package io.lorica.contracts.dataset;

import java.util.List;
import java.util.stream.Collectors;

/// The rows of a file that were set aside for one reason.
///
/// @param reason what is wrong with them, as a sentence for the person who made the file
/// @param rows how many they are
/// @param lines the first of their lines in the uploaded file; 0 alone where the file as a whole cannot be read
public record SetAside(String reason, int rows, List<Integer> lines) {

    public SetAside {
        lines = List.copyOf(lines);
    }

    /// Tells whether the file as a whole cannot be read.
    public boolean wholeFile() {
        return lines.equals(List.of(0));
    }

    /// Reason and number of the rows, and at most that many of their lines.
    public String sentence(int namedLines) {
        if (wholeFile()) {
            return reason;
        }
        return rows == 1
                ? "Line " + lines.getFirst() + ": " + reason
                : rows + " rows (" + named(namedLines) + "): " + reason;
    }

    private String named(int most) {
        List<Integer> first = lines.subList(0, Math.min(Math.max(1, most), lines.size()));
        String numbers = first.stream().map(String::valueOf).collect(Collectors.joining(", "));
        String rest = rows > first.size() ? " and " + (rows - first.size()) + " more" : "";
        return (first.size() == 1 ? "line " : "lines ") + numbers + rest;
    }
}
