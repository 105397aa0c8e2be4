package io.lorica.llm.model;

import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.ElementType;

/// How a model is to lie in memory.
///
/// @param type what it computes in; norms and biases are kept in it
/// @param projections how the matrices of the layers are kept
/// @param tokens how embedding and head are kept
/// @param room what is kept free beside them for adapters; only beside matrices that are kept in full
public record LoadPlan(ElementType type, WeightFormat projections, TokenFormat tokens, AdapterRoom room) {

    /// Everything in one type, without room for adapters.
    public static LoadPlan of(ElementType type) {
        return new LoadPlan(type, WeightFormat.FULL, TokenFormat.FULL, AdapterRoom.NONE);
    }

    /// Everything in one type, with the layers' matrices in another format.
    public LoadPlan with(WeightFormat format) {
        return new LoadPlan(type, format, tokens, room);
    }

    /// The same with room for adapters.
    public LoadPlan with(AdapterRoom other) {
        return new LoadPlan(type, projections, tokens, other);
    }

    /// The same with embedding and head in another format.
    public LoadPlan with(TokenFormat other) {
        return new LoadPlan(type, projections, other, room);
    }
}
