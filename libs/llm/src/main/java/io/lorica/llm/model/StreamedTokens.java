package io.lorica.llm.model;

import java.util.Arrays;

import io.lorica.llm.projection.StreamedWeight;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import io.lorica.llm.weights.TensorSource;

/// An embedding or a head that is never in memory as a whole: its rows are read or made for each use. Nothing is
/// recorded.
///
/// @param source `(V, E)`
/// @param type what its rows are given in
public record StreamedTokens(TensorSource source, ElementType type) implements TokenMatrix {

    @Override
    public Tensor rows(Tensor tokens) {
        try (TensorScope work = TensorScope.of(tokens).child("embedding")) {
            long[] ids = tokens.toLongArray();
            Tensor rows = work.empty(type, ids.length, width());
            for (int i = 0; i < ids.length; i++) {
                try (TensorScope one = work.child("row")) {
                    Tensor row = source.rows().of(one, ids[i], 1);
                    Tensors.copyInto(Tensors.narrow(one.borrow(rows), 0, i, 1), row);
                }
            }
            long[] shape = Arrays.copyOf(tokens.shape(), tokens.dimensions() + 1);
            shape[tokens.dimensions()] = width();
            return work.handOn(rows.reshape(shape), tokens);
        }
    }

    @Override
    public Tensor scores(Tensor states) {
        return new StreamedWeight(source, type).multiply(states, null);
    }

    @Override
    public void scoresInto(Tensor out, Tensor states) {
        try (Tensor scores = scores(states)) {
            Tensors.copyInto(out, scores);
        }
    }

    @Override
    public void gradientInto(Tensor out, Tensor ofScores) {
        out.zeroInPlace();
        source.forEachChunk((first, rows) -> {
            Tensor columns = Tensors.narrow(TensorScope.of(rows).borrow(ofScores), 1, first, rows.size(0));
            Products.addMultiply(out, out, columns, rows.to(columns.type()), 1);
        });
    }

    private long width() {
        return source.shape()[1];
    }

    @Override
    public long tokens() {
        return source.shape()[0];
    }

    /// Those of the largest chunk that is in memory at a time.
    @Override
    public long bytes() {
        return Math.min(source.rowsAtOnce(), tokens()) * width() * type.bytes();
    }
}
