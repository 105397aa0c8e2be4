package io.lorica.llm.memory;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.jspecify.annotations.Nullable;

/// Whether runs that are forecast not to fit are refused: yes, unless the system property `lorica.memory-check` or the
/// environment variable `LORICA_MEMORY_CHECK` is `false`.
public final class MemorySwitch {

    static final String PROPERTY = "lorica.memory-check";
    static final String VARIABLE = "LORICA_MEMORY_CHECK";

    private MemorySwitch() {}

    /// What the one who started the process chose.
    ///
    /// @throws ProductException when it is neither `true` nor `false`
    public static boolean on() {
        return on(System.getProperty(PROPERTY), System.getenv(VARIABLE));
    }

    static boolean on(@Nullable String property, @Nullable String variable) {
        return property == null ? value(VARIABLE, variable) : value(PROPERTY, property);
    }

    private static boolean value(String name, @Nullable String text) {
        // A variable that is passed on without a value, as compose files do, was not set by anybody.
        if (text == null || text.isBlank() || text.equals("true")) {
            return true;
        }
        if (text.equals("false")) {
            return false;
        }
        throw ProductException.of(
                ErrorCode.INTERNAL_ERROR,
                "The trainer's " + name + " is '" + text + "'; it may be true, or false to let jobs begin that are"
                        + " forecast not to fit into memory. Correct it and start the trainer again.");
    }
}
