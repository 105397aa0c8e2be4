package io.lorica.llm.generate;

import java.nio.file.Path;
import java.util.Optional;

import io.lorica.llm.tokenizer.ChatInput;

/// A base model in memory that generates with or without adapters. [#renderPrompt] and [#tokenize] may be called by
/// any thread, and [#loadAdapter] by one thread beside the one that generates; all others belong to that one.
public interface LanguageModel extends AutoCloseable {

    /// The prompt that the base model's own chat template makes of a conversation.
    ///
    /// @param continued whether the prompt ends within the last message, for the model to go on with
    /// @throws io.lorica.contracts.error.ProductException when the model has no template, or it refuses
    String renderPrompt(ChatInput conversation, boolean continued);

    /// The tokens of a prompt.
    ///
    /// @param prompt the text, special markers included; a beginning-of-sequence token is added only where the
    ///     tokenizer asks for one and the text does not begin with it
    /// @throws io.lorica.contracts.error.ProductException with `CONTEXT_LENGTH_EXCEEDED` when the prompt leaves no
    ///     room for an answer, which is found out without tokenising much more than fits
    int[] tokenize(String prompt);

    /// How tokens are chosen where a request does not say.
    SamplingDefaults samplingDefaults();

    /// Loads an adapter in PEFT layout, to be applied unmerged.
    ///
    /// @throws io.lorica.contracts.error.ProductException when it does not fit the model
    LoadedAdapter loadAdapter(Path directory);

    /// Merges an adapter into the weights in place, so that it costs no more than the base, until
    /// [#unmerge]. Meanwhile it alone can be asked; its answers under way go on with the merged weights.
    /// No answer of another adapter or of the base may be under way.
    ///
    /// @throws IllegalArgumentException when the weights are quantised or the adapter is another model's
    void merge(LoadedAdapter adapter);

    /// Puts the weights back as they were, bit for bit; answers under way go on with the adapter beside
    /// them. Does nothing where none is merged.
    void unmerge();

    /// An answer of which nothing is computed yet. The caller closes the generation.
    ///
    /// @param prompt tokens of [#tokenize]
    /// @param sampling how to choose tokens and when to stop
    /// @param adapter the adapter to apply, empty for the base model
    Generation generate(int[] prompt, Sampling sampling, Optional<LoadedAdapter> adapter);

    /// How many tokens prompt and answer may have together.
    int contextLength();

    /// How many tokens of a prompt to feed at once, so that other answers do not wait long: as many as the device
    /// computes in about the time of a few steps. It does not depend on what else is computed, and so neither do
    /// answers.
    int promptChunk();

    /// How many bytes the weights take in memory.
    long bytes();

    /// The device and the libraries in words.
    String device();

    /// Frees the model, its adapters and their memory.
    @Override
    void close();
}
