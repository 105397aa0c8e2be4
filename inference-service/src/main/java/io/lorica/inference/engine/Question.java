package io.lorica.inference.engine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

import io.lorica.contracts.id.BaseModelId;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.llm.generate.LanguageModel;

/// One request to generate.
///
/// @param base the base model
/// @param modelDirectory brings its files, where they are needed
/// @param adapter the adapter to apply
/// @param prompt makes the prompt; called with the model, because its own template may be needed
/// @param sampling how to choose tokens and when to stop
/// @param answer where the text goes
record Question(
        BaseModelId base,
        Supplier<Path> modelDirectory,
        Optional<AdapterState.Ready> adapter,
        Function<LanguageModel, Prompt> prompt,
        SamplingRequest sampling,
        TokenStream answer) {}
