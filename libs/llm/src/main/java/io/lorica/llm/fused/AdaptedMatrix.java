package io.lorica.llm.fused;

import io.lorica.llm.model.JoinedWeights;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// A joined matrix W with the matrices A and s·B of its adapters. Dimensions: N tokens, I inputs, O
/// outputs, R columns of adapters.
sealed interface AdaptedMatrix permits MatrixWithRoom, DequantizedMatrix {

    /// The frozen part.
    JoinedWeights weights();

    /// Where s·B goes, `(O, R)`; what is outside the adapters' own parts is zero.
    Tensor columns();

    /// Where A goes, `(R, I)`.
    Tensor rows();

    /// into = \[W, s·B\] · \[x, A·x\] + b
    ///
    /// @param into `(N, O)`
    void multiply(Tensor into, Augmented x);

    /// into += \[W, s·B\] · \[x, A·x\] + b
    void add(Tensor into, Augmented x);

    /// into = \[gradient · (W + s·B·A), gradient · s·B\]: the gradients of x and of A · x.
    ///
    /// @param gradient of the result, `(N, O)`
    void back(Augmented into, Tensor gradient);

    /// The same for a gradient with room behind it, `(N, O + R)`, which may be filled on the way.
    ///
    /// @return the gradients of x and of A · x, the latter there or in `into`
    default Augmented back(Augmented into, Augmented gradient) {
        back(into, gradient.inputs());
        return into;
    }

    /// R
    default int room() {
        return Math.toIntExact(columns().size(1));
    }

    /// The type of all.
    default ElementType type() {
        return weights().type();
    }

    /// Puts a matrix and R columns of adapters together.
    ///
    /// @param ranks R as the adapters need it; matrices with room of their own keep that
    static AdaptedMatrix of(TensorScope scope, JoinedWeights weights, int ranks) {
        return switch (weights) {
            case JoinedWeights.Stored stored -> MatrixWithRoom.of(scope, stored);
            case JoinedWeights.Quantized quantized -> DequantizedMatrix.of(scope, quantized, ranks);
        };
    }
}
