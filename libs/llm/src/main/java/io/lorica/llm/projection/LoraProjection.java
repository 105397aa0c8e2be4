package io.lorica.llm.projection;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// y = base(x) + scale · B · A · dropout(x) (https://arxiv.org/abs/2106.09685).
///
/// @param base the frozen map
/// @param a A, `(rank, in)`, float32; it is rounded to the type of x where that is shorter
/// @param b B, `(out, rank)`, likewise
/// @param scale the factor on the adapter's part
/// @param dropout probability with which an input element is dropped; 0 outside training
public record LoraProjection(Dense base, Tensor a, Tensor b, double scale, double dropout) implements Projection {

    @Override
    public Tensor apply(Tensor x) {
        return base.apply(x).add(change(dropped(x)));
    }

    /// The weight of one dense map that does the same, `(out, in)`, in float32; nothing is recorded.
    public Tensor mergedWeight(TensorScope scope) {
        return scope.borrow(b)
                .matMul(a)
                .mulInPlace(scale)
                .addInPlace(base.weight().values(scope));
    }

    /// scale · B · A · x
    Tensor change(Tensor x) {
        // The scale goes on the small product, rank elements a position, not on the output.
        TensorScope scope = TensorScope.of(x);
        ElementType type = x.type();
        Tensor inner = Tensors.linear(x, scope.borrow(a).to(type), null).mul(scale);
        return Tensors.linear(inner, scope.borrow(b).to(type), null);
    }

    /// x as the adapter sees it.
    Tensor dropped(Tensor x) {
        return dropout > 0 ? Tensors.dropout(x, dropout) : x;
    }

    @Override
    public long inputs() {
        return base.inputs();
    }

    @Override
    public long outputs() {
        return base.outputs();
    }
}
