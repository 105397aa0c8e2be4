package io.lorica.contracts.job;

/// How rows become what a step learns from.
///
/// @param overLength what becomes of rows that are too long
/// @param packing whether several rows share a window of the sequence length, none seeing another; a batch then counts
///     windows
/// @param trainOn the messages of a row that are learned
public record RowPolicy(OverLength overLength, boolean packing, LossRegion trainOn) {

    /// One example is one sequence, cut off where it is too long, and every assistant message is learned.
    public static final RowPolicy DEFAULTS = new RowPolicy(OverLength.TRUNCATE, false, LossRegion.ALL);
}
