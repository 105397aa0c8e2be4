package io.lorica.llm.fused;

import java.util.HashMap;
import java.util.Map;

import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;

/// Inputs as tensors: they stay where they are, or are copied to the host's memory, which waits for the
/// device.
final class InputsAsTensors implements LayerInputs {

    private final ActivationPolicy policy;
    private final Map<Integer, Tensor> waiting = new HashMap<>();

    InputsAsTensors(ActivationPolicy policy) {
        this.policy = policy;
    }

    @Override
    public void put(int layer, Tensor input) {
        waiting.put(layer, policy.kept(input));
    }

    @Override
    public Tensor take(int layer, TensorScope scope) {
        Tensor kept = waiting.remove(layer);
        if (kept == null) {
            throw new IllegalStateException("the input of layer " + layer + " was taken before");
        }
        try (kept) {
            return scope.adopt(kept.onCurrentDevice());
        }
    }

    @Override
    public void close() {
        waiting.values().forEach(Tensor::close);
        waiting.clear();
    }
}
