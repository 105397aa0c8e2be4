package io.lorica.llm.fused;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// Inputs that nobody will ask for, because there is no way back.
final class ForgottenInputs implements LayerInputs {

    @Override
    public void put(int layer, Tensor input) {
        input.close();
    }

    @Override
    public Tensor take(int layer, TensorScope scope) {
        throw new IllegalStateException("this pass kept nothing to go back with");
    }

    @Override
    public void close() {
        // There is nothing to free.
    }
}
