package io.lorica.inference.engine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

import io.lorica.contracts.id.BaseModelId;
import io.lorica.inference.adapter.AdapterState;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.Sampling;

/// One request to generate.
///
/// @param base the base model
/// @param modelDirectory its files
/// @param adapter the adapter to apply
/// @param prompt makes the prompt; called with the model, because its own template may be needed
/// @param sampling how to choose tokens and when to stop
/// @param answer where the tokens go
record Question(
        BaseModelId base,
        Path modelDirectory,
        Optional<AdapterState.Ready> adapter,
        Function<LanguageModel, String> prompt,
        Sampling sampling,
        TokenStream answer) {}
