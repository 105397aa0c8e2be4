package io.lorica.llm.memory;

/// What a pass through the model takes beside weights and adapter, in bytes.
sealed interface PassMemory permits ByHandMemory, RecordedMemory {

    /// What all layers keep for the way back.
    long kept(MemoryPlan.Load load);

    /// What one layer, or the head, needs at once beside that.
    long working(MemoryPlan.Load load);

    /// What measuring the loss needs, nothing of the above being there.
    long measuring(MemoryPlan.Load load);

    /// At the peak.
    default long training(MemoryPlan.Load load) {
        return kept(load) + working(load);
    }
}
