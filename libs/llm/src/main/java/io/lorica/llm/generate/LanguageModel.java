package io.lorica.llm.generate;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.chat.Message;

/// A base model in memory that generates with or without adapters. All methods but [#close] belong to one
/// thread.
public interface LanguageModel extends AutoCloseable {

    /// The prompt that the base model's own chat template makes of a conversation, asking for the next
    /// turn.
    String renderPrompt(List<Message> conversation);

    /// How many tokens a text has, special markers inside it counted once each.
    int countTokens(String text);

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

    /// Feeds the prompt and stands ready to give the first token. The caller closes the generation.
    ///
    /// @param prompt the text, special markers included; a beginning-of-sequence token is added only where the
    ///     tokenizer asks for one and the text does not begin with it
    /// @param sampling how to choose tokens and when to stop
    /// @param adapter the adapter to apply, empty for the base model
    /// @throws io.lorica.contracts.error.ProductException with `CONTEXT_LENGTH_EXCEEDED` when the prompt
    ///     leaves no room
    Generation generate(String prompt, Sampling sampling, Optional<LoadedAdapter> adapter);

    /// How many tokens prompt and answer may have together.
    int contextLength();

    /// The device and the libraries in words.
    String device();

    /// Frees the model, its adapters and their memory.
    @Override
    void close();
}
