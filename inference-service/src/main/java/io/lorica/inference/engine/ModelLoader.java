package io.lorica.inference.engine;

import java.nio.file.Path;

import io.lorica.llm.generate.LanguageModel;

/// Brings a base model into memory.
@FunctionalInterface
public interface ModelLoader {

    /// Loads the model of a directory in Hugging Face layout; never called on the engine's thread.
    LanguageModel load(Path directory);

    /// Tells whether the model fits into memory beside what lies there now; false where nobody knows.
    default boolean fits(Path directory) {
        return false;
    }
}
