package io.lorica.llm.model;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;

/// The matrix of an embedding or a head, `(V, E)`, however it is kept. Dimensions: V tokens of the
/// vocabulary, E elements of a hidden state, n states.
public sealed interface TokenMatrix permits FullTokens, EightBitTokens, StreamedTokens {

    /// The most scores of a head that are in memory at a time where operations on them are recorded.
    long RECORDED_SCORES = 32L << 20;

    /// The rows of tokens, int64 `(…)`: `(…, E)`, in the scope of the tokens.
    Tensor rows(Tensor tokens);

    /// The scores of all tokens for states `(n, E)`: `(n, V)`, in the scope and the type of the states.
    Tensor scores(Tensor states);

    /// The same into memory that the caller gives; nothing is recorded.
    ///
    /// @param out `(n, V)`
    void scoresInto(Tensor out, Tensor states);

    /// The gradient of the states from that of their scores; nothing is recorded.
    ///
    /// @param out `(n, E)`
    /// @param ofScores `(n, V)`
    void gradientInto(Tensor out, Tensor ofScores);

    /// V
    long tokens();

    /// What its rows are given in.
    ElementType type();

    /// How many bytes it takes in memory.
    long bytes();
}
