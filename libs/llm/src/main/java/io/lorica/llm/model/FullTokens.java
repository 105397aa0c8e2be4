package io.lorica.llm.model;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// An embedding or a head kept number by number; it may be a parameter that is trained.
///
/// @param matrix `(V, E)`
public record FullTokens(Tensor matrix) implements TokenMatrix {

    @Override
    public Tensor rows(Tensor tokens) {
        return Tensors.embedding(matrix, tokens);
    }

    @Override
    public Tensor scores(Tensor states) {
        return Tensors.linear(states, Tensors.inTypeOf(states, matrix), null);
    }

    @Override
    public void scoresInto(Tensor out, Tensor states) {
        try (TensorScope work = TensorScope.of(out).child("scores")) {
            Products.multiply(out, states, work.borrow(matrix).transpose(0, 1));
        }
    }

    @Override
    public void gradientInto(Tensor out, Tensor ofScores) {
        Products.multiply(out, ofScores, matrix);
    }

    @Override
    public long tokens() {
        return matrix.size(0);
    }

    @Override
    public ElementType type() {
        return matrix.type();
    }

    @Override
    public long bytes() {
        return matrix.bytes();
    }
}
