package io.lorica.llm.weights;

import java.lang.foreign.MemorySegment;

/// The codes of a quantised matrix, which become numbers row by row.
interface WeightCodes {

    /// Writes a row's numbers as float32.
    ///
    /// @param row counted from 0
    /// @param columns how many numbers a row has
    /// @param out where they go
    /// @param at the first number's place in it, counted in numbers
    void decode(long row, int columns, MemorySegment out, long at);
}
