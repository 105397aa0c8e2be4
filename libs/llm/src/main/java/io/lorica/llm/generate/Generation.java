package io.lorica.llm.generate;

/// One answer in progress. Each call of [#next] does one decoding step.
public interface Generation extends AutoCloseable {

    /// The next token.
    ///
    /// @throws java.util.NoSuchElementException after a token that carried a stop reason
    GeneratedToken next();

    /// How many tokens the prompt has.
    int promptTokens();

    /// Frees the key-value cache.
    @Override
    void close();
}
