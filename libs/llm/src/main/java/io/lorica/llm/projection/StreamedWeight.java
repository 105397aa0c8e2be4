package io.lorica.llm.projection;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Products;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;
import io.lorica.llm.weights.TensorSource;
import org.jspecify.annotations.Nullable;

/// A matrix that is never in memory as a whole: its rows are read or made for each use, chunk by chunk. Nothing is
/// recorded.
///
/// @param source W, `(out, in)`
/// @param type what its products are computed in
public record StreamedWeight(TensorSource source, ElementType type) implements FrozenWeight {

    @Override
    public Tensor multiply(Tensor x, @Nullable Tensor bias) {
        try (TensorScope work = TensorScope.of(x).child("streamed")) {
            Tensor flat = work.borrow(x).reshape(-1, inputs()).to(type);
            Tensor summand = bias == null ? null : work.borrow(bias).to(type);
            Tensor out = work.empty(type, flat.size(0), outputs());
            source.forEachChunk((first, rows) -> multiplyInto(out, flat, summand, first, rows.to(type)));
            long[] shape = x.shape();
            shape[shape.length - 1] = outputs();
            return work.handOn(out.reshape(shape).to(x.type()), x);
        }
    }

    private static void multiplyInto(Tensor out, Tensor x, @Nullable Tensor bias, long first, Tensor rows) {
        TensorScope work = TensorScope.of(rows);
        Tensor columns = Tensors.narrow(work.borrow(out), 1, first, rows.size(0));
        Tensor transposed = rows.transpose(0, 1);
        if (bias == null) {
            Products.multiply(columns, x, transposed);
        } else {
            Tensor part = Tensors.narrow(work.borrow(bias), 0, first, rows.size(0));
            Products.addMultiply(columns, part, x, transposed, 1);
        }
    }

    @Override
    public Tensor values(TensorScope scope) {
        return source.rows().of(scope, 0, outputs()).to(type);
    }

    @Override
    public long inputs() {
        return source.shape()[1];
    }

    @Override
    public long outputs() {
        return source.shape()[0];
    }

    /// Those of the largest chunk that is in memory at a time.
    @Override
    public long bytes() {
        return Math.min(source.rowsAtOnce(), outputs()) * inputs() * type.bytes();
    }
}
