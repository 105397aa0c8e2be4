package io.lorica.llm.projection;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// y = base(x) + scale · B · A · dropout(x) (https://arxiv.org/abs/2106.09685).
///
/// @param base the frozen map
/// @param a A, `(rank, in)`
/// @param b B, `(out, rank)`
/// @param scale the factor on the adapter's part
/// @param dropout probability with which an input element is dropped; 0 outside training
public record LoraProjection(Dense base, NDArray a, NDArray b, double scale, double dropout) implements Projection {

    @Override
    public NDArray apply(NDArray x) {
        return base.apply(x).add(change(dropped(x)));
    }

    /// The weight of one dense map that does the same, `(out, in)`.
    public NDArray mergedWeight(TensorScope scope) {
        return scope.borrow(b).matMul(a).mul(scale).add(base.weight());
    }

    /// scale · B · A · x
    NDArray change(NDArray x) {
        // The scale goes on the small product, rank elements a position, not on the output.
        NDArray inner = Tensors.scale(Tensors.linear(x, a, null), scale);
        return Tensors.linear(inner, b, null);
    }

    /// x as the adapter sees it.
    NDArray dropped(NDArray x) {
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
