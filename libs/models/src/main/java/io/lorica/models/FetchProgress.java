package io.lorica.models;

/// Told how far a fetch is. Files come in parallel, so that several threads may call at once.
@FunctionalInterface
public interface FetchProgress {

    /// @param file the file under way
    /// @param bytesDone bytes of the whole model that are here; fewer than before where damaged ones were given up
    /// @param bytesTotal bytes of the whole model
    void report(String file, long bytesDone, long bytesTotal);

    /// Tells nobody.
    static FetchProgress silent() {
        return (_, _, _) -> {};
    }
}
