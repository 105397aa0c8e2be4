package io.lorica.llm.projection;

import ai.djl.ndarray.NDArray;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// y = m / ‖W + ΔW‖ · (W + ΔW) · x + b with ΔW = scale · B · A and norms row by row (https://arxiv.org/abs/2402.09353).
/// The norm counts as a constant when gradients are taken (section 4.3 of the paper), as in PEFT.
///
/// @param lora the low-rank part on its frozen map
/// @param magnitude m, `(out)`
public record DoraProjection(LoraProjection lora, NDArray magnitude) implements Projection {

    @Override
    public NDArray apply(NDArray x) {
        NDArray gain = TensorScope.of(x).borrow(magnitude).div(norm(x)); // (out)
        NDArray input = lora.dropped(x);
        NDArray direction = Tensors.linear(input, base().weight(), null).add(lora.change(input));
        if (lora.dropout() == 0) {
            NDArray scaled = direction.mul(gain);
            NDArray bias = base().bias();
            return bias == null ? scaled : scaled.add(bias);
        }
        // The frozen map sees every element of x; only what the adapter changes about it sees the dropped ones.
        NDArray plain = Tensors.linear(input, base().weight(), null);
        return base().apply(x).add(direction.mul(gain)).sub(plain);
    }

    /// The lengths of the rows of W + ΔW, `(out)`, in the scope of that tensor.
    private NDArray norm(NDArray neighbour) {
        try (Autograd off = Autograd.off();
                TensorScope scope = TensorScope.of(neighbour).child("row-norms")) {
            NDArray whole = lora.mergedWeight(scope);
            return scope.handOn(Tensors.rowNorms(whole), neighbour);
        }
    }

    /// The weight of one dense map that does the same, `(out, in)`.
    public NDArray mergedWeight(TensorScope scope) {
        NDArray whole = lora.mergedWeight(scope);
        NDArray gain = scope.borrow(magnitude).div(Tensors.rowNorms(whole));
        return whole.mul(gain.reshape(-1, 1));
    }

    @Override
    public long inputs() {
        return lora.inputs();
    }

    @Override
    public long outputs() {
        return lora.outputs();
    }

    @Override
    public Dense base() {
        return lora.base();
    }
}
