package io.lorica.llm.train;

import java.util.SequencedMap;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// The running means of the gradients and of their squares, for a run of parameters.
sealed interface Moments permits FullMoments, ByteMoments {

    /// Takes a step with some of the parameters.
    ///
    /// @param from the first of them, a multiple of what a block holds
    /// @param values the parameters, `(N)`; what is made on the way belongs to their scope
    /// @param gradient `(N)`
    void move(AdamStep step, long from, Tensor values, Tensor gradient);

    /// What is stored of some of the parameters, by name; views in a scope.
    SequencedMap<String, Tensor> state(TensorScope scope, long from, long length);

    /// How many bytes they take in memory.
    long bytes();
}
