package io.lorica.llm.train;

/// Hears how far the rows of a run are made into tokens. Called by the workers that do it.
@FunctionalInterface
public interface PreparationProgress {

    /// Tells nobody.
    PreparationProgress SILENT = (_, _) -> {};

    /// Some more rows are done.
    ///
    /// @param rows how many are done
    /// @param total how many there are
    void prepared(int rows, int total);
}
