package io.lorica.dataset.catalog;

/// Hears how far a file's rows are checked and formatted.
@FunctionalInterface
public interface FormattingProgress {

    /// Tells nobody.
    FormattingProgress SILENT = (_, _) -> {};

    /// Some more of the file is read.
    ///
    /// @param done bytes that are read
    /// @param total bytes of the file
    void formatted(long done, long total);
}
