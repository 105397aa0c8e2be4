package io.lorica.llm.model;

/// Which projections have a bias.
///
/// @param input query, key and value
/// @param output the attention's output
/// @param feedForward gate, up and down
public record ProjectionBiases(boolean input, boolean output, boolean feedForward) {

    /// Whether a projection has one.
    public boolean of(ProjectionKind kind) {
        return switch (kind) {
            case QUERY, KEY, VALUE -> input;
            case OUTPUT -> output;
            case GATE, UP, DOWN -> feedForward;
        };
    }
}
