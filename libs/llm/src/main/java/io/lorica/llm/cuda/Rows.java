package io.lorica.llm.cuda;

/// Rows of a matrix in device memory; the matrix may be the first columns of a wider one.
///
/// @param address where the first row begins
/// @param stride elements from one row to the next
public record Rows(long address, long stride) {

    /// No matrix, where one may be left out.
    public static final Rows NONE = new Rows(0, 0);
}
