package io.lorica.llm.train;

import java.util.List;

/// What became of a row that had to fit the sequence length.
///
/// @param line the row's line in the uploaded file
/// @param fate what happened to it
/// @param examples what is left to learn from
record FittedRow(int line, Fate fate, List<TokenizedExample> examples) {

    /// What can happen to a row.
    enum Fate {
        /// It fits.
        WHOLE,
        /// Its end was cut off.
        CUT,
        /// It became several pieces.
        SPLIT,
        /// It is too long and left out, as the job asked for.
        LEFT_OUT,
        /// It is too long, and the job asked to fail then.
        REFUSED,
        /// Its prompt leaves too little room for anything to learn.
        PROMPT_TOO_LONG
    }
}
