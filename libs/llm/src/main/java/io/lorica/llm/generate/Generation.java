package io.lorica.llm.generate;

/// One answer in progress: first its prompt is fed, a chunk with each call of [#feed], then each call of [#next] does
/// one decoding step.
public interface Generation extends AutoCloseable {

    /// Feeds the next tokens of the prompt.
    ///
    /// @param tokens how many at the most
    /// @return whether the whole prompt is fed, so that [#next] has nothing left to feed
    boolean feed(int tokens);

    /// The next token; what is left of the prompt is fed first.
    ///
    /// @throws java.util.NoSuchElementException after a token that carried a stop reason
    GeneratedToken next();

    /// How many tokens the prompt has.
    int promptTokens();

    /// Frees the key-value cache.
    @Override
    void close();
}
