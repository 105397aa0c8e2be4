package io.lorica.e2e;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Training rows that a small model learns by heart in a few steps.
final class SampleRows {

    /// A question of the rows, and what the answer to it says.
    static final String QUESTION = "What colour has stone 2?";

    static final String ANSWER = "It is blue.";

    private static final int COUNT = 12;
    private static final String[] COLOURS = {"red", "green", "blue", "grey"};
    private static final String ROW =
            "{\"Question\":\"What colour has stone %d?\",\"Complex_CoT\":\"Stone %d lies in row %d.\",\"Response\":\"It is %s.\"}";

    private SampleRows() {}

    /// Rows of question, reasoning and answer, one JSON object a line.
    static byte[] jsonLines() {
        return IntStream.range(0, COUNT)
                .mapToObj(i -> ROW.formatted(i, i, i % COLOURS.length, COLOURS[i % COLOURS.length]))
                .collect(Collectors.joining("\n", "", "\n"))
                .getBytes(StandardCharsets.UTF_8);
    }
}
