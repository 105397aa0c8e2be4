package io.lorica.dataset.config;

import java.nio.file.Path;
import java.time.Duration;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/// What the dataset service can be told.
@ConfigMapping(prefix = "lorica.dataset")
public interface DatasetConfig {

    /// The longest file that may be uploaded.
    @WithDefault("512M")
    MemorySize maxFileSize();

    /// The longest line that a row may have; longer ones are set aside.
    @WithDefault("16M")
    MemorySize maxLineSize();

    /// Directory for uploads on their way to the store and for versions while they are built. It needs room for the
    /// longest file twice over.
    @WithDefault("${java.io.tmpdir}/lorica-dataset")
    Path workDirectory();

    /// How few examples a training file may have.
    @WithDefault("10")
    int minimumTrainingExamples();

    /// How few examples a validation file may have.
    @WithDefault("1")
    int minimumValidationExamples();

    /// How many bad lines are named for each reason when a file is refused.
    @WithDefault("3")
    int namedBadLines();

    /// How the service waits for a store or a broker that is away.
    Retry retry();

    /// Pauses between attempts: each is twice as long as the one before, up to a limit.
    interface Retry {

        /// The first pause.
        @WithDefault("500ms")
        Duration firstPause();

        /// The longest pause.
        @WithDefault("15s")
        Duration longestPause();
    }
}
