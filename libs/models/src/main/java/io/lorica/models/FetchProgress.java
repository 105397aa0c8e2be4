package io.lorica.models;

/// Told how far a fetch is.
@FunctionalInterface
public interface FetchProgress {

    /// @param file the file under way
    /// @param bytesDone bytes of the whole model that are here
    /// @param bytesTotal bytes of the whole model
    void report(String file, long bytesDone, long bytesTotal);

    /// Tells nobody.
    static FetchProgress silent() {
        return (_, _, _) -> {};
    }
}
