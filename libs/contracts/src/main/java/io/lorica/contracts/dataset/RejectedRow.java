package io.lorica.contracts.dataset;

/// A row that cannot be learned from.
///
/// @param line its line in the uploaded file, from 1; 0 where the file as a whole cannot be read
/// @param kind the reason without what belongs to this row alone, so that equal faults of many rows are counted as one
/// @param reason what is wrong with it, as a sentence for the person who made the file
public record RejectedRow(int line, String kind, String reason) {

    /// A row whose reason names nothing that belongs to it alone.
    public static RejectedRow of(int line, String reason) {
        return new RejectedRow(line, reason, reason);
    }
}
