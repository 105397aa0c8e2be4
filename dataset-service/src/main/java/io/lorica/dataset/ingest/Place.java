package io.lorica.dataset.ingest;

/// Part of a row that a fault is found in.
///
/// @param name the part of this row, such as `Message 3`
/// @param kind the same for any row, such as `A message`
record Place(String name, String kind) {

    /// The answer of a row that has one.
    static final Place ANSWER = new Place("The answer", "The answer");

    /// The question of a row that has one.
    static final Place QUESTION = new Place("The question", "The question");

    /// The instructions beside a conversation.
    static final Place SYSTEM = new Place("The system message", "The system message");

    /// A message of a list.
    ///
    /// @param position its place, from 1
    static Place message(int position) {
        return new Place("Message " + position, "A message");
    }

    /// A pair of the history.
    ///
    /// @param position its place, from 1
    static Place pair(int position) {
        return new Place("Pair " + position + " of \"history\"", "A pair of \"history\"");
    }
}
