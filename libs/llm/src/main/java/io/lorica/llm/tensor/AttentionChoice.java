package io.lorica.llm.tensor;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/// Which flash attention a GPU takes, as the system property `lorica.attention` or else the environment
/// variable `LORICA_ATTENTION` says.
enum AttentionChoice {
    /// cuDNN's where it is faster, else libtorch's, with gradients summed in the same order every time.
    AUTO,
    /// libtorch's, with gradients summed in any order: faster, but two runs of one seed differ in their
    /// last bits.
    FLASH,
    /// libtorch's, with gradients summed in the same order every time.
    DETERMINISTIC;

    private static final String PROPERTY = "lorica.attention";
    private static final String VARIABLE = "LORICA_ATTENTION";

    /// What was chosen.
    ///
    /// @throws IllegalArgumentException for a word that is none of them
    static AttentionChoice current() {
        String variable = System.getenv(VARIABLE);
        return of(System.getProperty(PROPERTY, variable == null ? "" : variable));
    }

    /// Whether gradients are summed in the same order every time.
    boolean repeatable() {
        return this != FLASH;
    }

    static AttentionChoice of(String word) {
        if (word.isBlank()) {
            return AUTO;
        }
        return Arrays.stream(values())
                .filter(choice -> choice.word().equals(word.strip().toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(VARIABLE + " is '" + word + "'; it can be "
                        + Arrays.stream(values()).map(AttentionChoice::word).collect(Collectors.joining(", "))));
    }

    private String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
