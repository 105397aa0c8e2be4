package io.lorica.dataset.ingest;

/// A line of an uploaded file that is not blank.
public sealed interface Line {

    /// The line's number in the file, from 1; blank lines count.
    int number();

    /// A line that is text.
    record Text(int number, String value) implements Line {}

    /// A line whose bytes cannot be taken as text.
    ///
    /// @param reason what is wrong, as a sentence for the person who made the file
    record Unreadable(int number, String reason) implements Line {}
}
