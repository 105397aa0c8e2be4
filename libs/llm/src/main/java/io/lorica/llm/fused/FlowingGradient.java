package io.lorica.llm.fused;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// The gradient that flows back through the layers, and room behind each of its rows, so that a layer can
/// put what its adapters add there instead of copying both. Dimensions: N tokens, E elements of a hidden
/// state, R columns of adapters.
///
/// @param memory `(N, E + R)` for the largest R of all layers
/// @param width E
record FlowingGradient(Tensor memory, int width) {

    /// A gradient of zeros.
    static FlowingGradient zeros(TensorScope scope, ElementType type, long count, int width, int room) {
        return new FlowingGradient(scope.zeros(type, count, (long) width + room), width);
    }

    /// The gradient, `(N, E)`.
    Tensor values(TensorScope scope) {
        return Tensors.narrow(scope.borrow(memory), 1, 0, width);
    }

    /// The gradient with as much room behind it as a layer needs.
    ///
    /// @param room R of that layer
    Augmented withRoom(TensorScope scope, int room) {
        return Augmented.of(Tensors.narrow(scope.borrow(memory), 1, 0, (long) width + room), width);
    }

    /// That of some tokens.
    FlowingGradient part(TensorScope scope, long from, long length) {
        return new FlowingGradient(Tensors.narrow(scope.borrow(memory), 0, from, length), width);
    }
}
