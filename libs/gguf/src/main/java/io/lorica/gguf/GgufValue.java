package io.lorica.gguf;

import java.util.List;

/// A value in a file's metadata.
public sealed interface GgufValue {

    /// An integer of 8 to 64 bits.
    ///
    /// @param value the number; an unsigned one of 64 bits as its bits
    record Whole(long value) implements GgufValue {}

    /// A number of 32 or 64 bits with a fraction.
    ///
    /// @param value the number; one of 32 bits as the shortest decimal that means it, so that 1e-5 stays
    ///     1e-5
    record Fraction(double value) implements GgufValue {}

    /// Yes or no.
    ///
    /// @param value true for yes
    record Flag(boolean value) implements GgufValue {}

    /// Text.
    ///
    /// @param value the text
    record Text(String value) implements GgufValue {}

    /// Several values of one type.
    ///
    /// @param values the values
    record Items(List<GgufValue> values) implements GgufValue {

        public Items {
            values = List.copyOf(values);
        }
    }
}
