package io.lorica.llm.model;

/// How many columns behind each joined matrix are kept free for adapters, so that a frozen map and the B of its
/// adapters
/// are one matrix.
public interface AdapterRoom {

    /// No room: nothing will be trained.
    AdapterRoom NONE = (layer, group) -> 0;

    /// The free columns of a layer's group.
    int columns(int layer, ProjectionGroup group);
}
