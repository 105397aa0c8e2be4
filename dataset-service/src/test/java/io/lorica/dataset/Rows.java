package io.lorica.dataset;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Rows as users upload them.
public final class Rows {

    private Rows() {}

    /// That many different rows that can be learned from, one a line.
    public static String good(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(number -> """
                        {"Question":"What is %1$d + %1$d?","Complex_CoT":"Twice %1$d.","Response":"It is %2$d."}""".formatted(number, 2 * number))
                .collect(Collectors.joining("\n", "", "\n"));
    }
}
