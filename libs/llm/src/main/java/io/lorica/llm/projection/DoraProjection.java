package io.lorica.llm.projection;

import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.tensor.Tensors;

/// y = m / ‖W + ΔW‖ · (W + ΔW) · x + b with ΔW = scale · B · A and norms row by row (https://arxiv.org/abs/2402.09353).
/// The norm counts as a constant when gradients are taken (section 4.3 of the paper), as in PEFT.
///
/// @param lora the low-rank part on its frozen map
/// @param magnitude m, `(out)`
public record DoraProjection(LoraProjection lora, Tensor magnitude) implements Projection {

    @Override
    public Tensor apply(Tensor x) {
        Tensor gain = TensorScope.of(x).borrow(magnitude).div(norm(x)).to(x.type()); // (out)
        Tensor input = lora.dropped(x);
        Tensor direction = base().weight().multiply(input, null).add(lora.change(input));
        if (lora.dropout() == 0) {
            Tensor scaled = direction.mul(gain);
            Tensor bias = base().biasFor(x);
            return bias == null ? scaled : scaled.add(bias);
        }
        // The frozen map sees every element of x; only what the adapter changes about it sees the dropped ones.
        Tensor plain = base().weight().multiply(input, null);
        return base().apply(x).add(direction.mul(gain)).sub(plain);
    }

    /// The lengths of the rows of W + ΔW, `(out)`, in the scope of that tensor.
    private Tensor norm(Tensor neighbour) {
        try (Autograd off = Autograd.off();
                TensorScope scope = TensorScope.of(neighbour).child("row-norms")) {
            Tensor whole = lora.mergedWeight(scope);
            return scope.handOn(Tensors.rowNorms(whole), neighbour);
        }
    }

    /// The weight of one dense map that does the same, `(out, in)`.
    public Tensor mergedWeight(TensorScope scope) {
        Tensor whole = lora.mergedWeight(scope);
        Tensor gain = scope.borrow(magnitude).div(Tensors.rowNorms(whole));
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
