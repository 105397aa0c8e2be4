package io.lorica.llm.fused;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// Inputs x of a joined matrix and, behind them in the same memory, A · x of its adapters, so that one
/// product computes both. Dimensions: N tokens, I inputs, R columns of adapters.
///
/// @param whole `(N, I + R)`
/// @param inputs `(N, I)`
/// @param inner `(N, R)`
record Augmented(Tensor whole, Tensor inputs, Tensor inner) {

    /// Memory for N rows of undefined content.
    static Augmented empty(TensorScope scope, ElementType type, int count, int inputs, int room) {
        return of(scope.empty(type, count, inputs + room), inputs);
    }

    static Augmented of(Tensor whole, int inputs) {
        int room = Math.toIntExact(whole.size(1)) - inputs;
        return new Augmented(whole, Tensors.narrow(whole, 1, 0, inputs), Tensors.narrow(whole, 1, inputs, room));
    }
}
