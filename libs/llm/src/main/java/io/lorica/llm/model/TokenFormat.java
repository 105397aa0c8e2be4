package io.lorica.llm.model;

/// How embedding and head are kept in memory.
public enum TokenFormat {
    /// Number by number, in the type that the model computes in.
    FULL,
    /// Whole numbers of 8 bits, with a scale for each block of a row.
    EIGHT_BITS
}
