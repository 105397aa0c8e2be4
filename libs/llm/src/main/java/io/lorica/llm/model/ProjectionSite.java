package io.lorica.llm.model;

/// One projection of one layer.
///
/// @param layer the layer's number, from 0
/// @param kind which of its projections
public record ProjectionSite(int layer, ProjectionKind kind) {

    /// The path in the Hugging Face tree, such as `model.layers.3.self_attn.q_proj`.
    public String path() {
        return "model.layers." + layer + "." + kind.path();
    }

    /// The name of its matrix.
    public String matrix() {
        return path() + ".weight";
    }
}
