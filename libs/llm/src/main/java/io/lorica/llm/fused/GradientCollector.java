package io.lorica.llm.fused;

import io.lorica.llm.tensor.Tensor;

/// Adds what was computed for all adapters of a joined matrix together to the gradients of each.
/// Dimensions: I inputs, O outputs of all, R columns of all.
interface GradientCollector extends AutoCloseable {

    /// Takes what it needs now and not in the first pass. The gradients stay where they are from then on.
    void prepare();

    /// gradientA += its rows of ofA, gradientB += s · its part of ofB, for each adapter.
    ///
    /// @param ofA `(R, I)`
    /// @param ofB `(O, R)`
    void add(Tensor ofA, Tensor ofB);

    @Override
    void close();
}
