package io.lorica.dataset.ingest;

import java.util.List;

/// Content of a row, or the first thing that is wrong with it.
sealed interface Reading {

    /// A conversation, turn by turn.
    record Conversation(List<Turn> turns) implements Reading {}

    /// Something that keeps the row from being learned.
    ///
    /// @param kind the reason without what belongs to this row alone
    /// @param reason a sentence for the person who made the file
    record Fault(String kind, String reason) implements Reading {

        /// A fault of which other rows can have the same.
        static Fault of(String reason) {
            return new Fault(reason, reason);
        }

        /// A fault of one part of the row.
        ///
        /// @param what the rest of the sentence, without its full stop
        static Fault at(Place place, String what) {
            return at(place, what, what);
        }

        /// A fault of one part of the row.
        ///
        /// @param what the rest of the sentence, without its full stop
        /// @param kind the same without what belongs to this row alone
        static Fault at(Place place, String what, String kind) {
            return new Fault(place.kind() + " " + kind + ".", place.name() + " " + what + ".");
        }
    }

    /// A conversation of these turns.
    static Reading of(Turn... turns) {
        return new Conversation(List.of(turns));
    }
}
