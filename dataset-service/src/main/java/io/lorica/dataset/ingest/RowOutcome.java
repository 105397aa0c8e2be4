package io.lorica.dataset.ingest;

import io.lorica.contracts.dataset.RejectedRow;

/// What became of a row.
public sealed interface RowOutcome {

    /// It can be learned from.
    record Accepted(Example example) implements RowOutcome {}

    /// It is set aside, with a reason for the person who made the file.
    record Rejected(RejectedRow row) implements RowOutcome {}
}
