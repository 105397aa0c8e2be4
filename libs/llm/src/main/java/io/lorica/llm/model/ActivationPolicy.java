package io.lorica.llm.model;

/// What a training pass keeps of each layer until its gradients are taken.
public enum ActivationPolicy {
    /// Everything the gradients need: fastest, and most memory.
    KEEP,
    /// Only the input of each layer, from which the layer is computed once more
    /// (https://arxiv.org/abs/1604.06174).
    RECOMPUTE,
    /// As [#RECOMPUTE], with the inputs in the host's memory meanwhile.
    OFFLOAD
}
