package io.lorica.llm.model;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorDevice;

/// What a training pass keeps of each layer until its gradients are taken.
public enum ActivationPolicy {
    /// Everything the gradients need: fastest, and most memory.
    KEEP,
    /// Only the input of each layer, from which the layer is computed once more
    /// (https://arxiv.org/abs/1604.06174).
    RECOMPUTE,
    /// As [#RECOMPUTE], with the inputs in the host's memory meanwhile.
    OFFLOAD;

    /// A layer's input as it is kept until the way back: itself, or in the host's memory, and then not on the device
    /// any more.
    public Tensor kept(Tensor input) {
        if (this != OFFLOAD || !input.onGpu()) {
            return input;
        }
        try (input) {
            return input.copyTo(TensorDevice.cpu());
        }
    }
}
