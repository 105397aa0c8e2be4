package io.lorica.inference.engine;

import java.nio.file.Path;

import io.lorica.llm.generate.LanguageModel;

/// Brings a base model into memory.
@FunctionalInterface
public interface ModelLoader {

    /// Loads the model of a directory in Hugging Face layout; called on the engine's thread.
    LanguageModel load(Path directory);
}
