package io.lorica.dataset.ingest;

import java.util.List;

import io.lorica.contracts.chat.Message;

/// What a row's fields say, or the first thing that is wrong with them.
sealed interface Reading {

    /// A conversation, turn by turn.
    record Conversation(List<Message> turns) implements Reading {}

    /// Something that keeps the row from being read.
    ///
    /// @param reason a sentence for the person who made the file
    record Fault(String reason) implements Reading {}

    /// A conversation of these turns.
    static Reading of(Message... turns) {
        return new Conversation(List.of(turns));
    }
}
