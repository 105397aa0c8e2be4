package io.lorica.llm.model;

import java.util.List;

/// Projections of a layer that read the same input and so can be one matrix product, their outputs side by side.
public enum ProjectionGroup {
    ATTENTION_INPUT,
    ATTENTION_OUTPUT,
    FEED_FORWARD_INPUT,
    FEED_FORWARD_OUTPUT;

    /// The group of a projection.
    public static ProjectionGroup of(ProjectionKind kind) {
        return switch (kind) {
            case QUERY, KEY, VALUE -> ATTENTION_INPUT;
            case OUTPUT -> ATTENTION_OUTPUT;
            case GATE, UP -> FEED_FORWARD_INPUT;
            case DOWN -> FEED_FORWARD_OUTPUT;
        };
    }

    /// Its projections, in the order of their outputs.
    public List<ProjectionKind> kinds() {
        return switch (this) {
            case ATTENTION_INPUT -> List.of(ProjectionKind.QUERY, ProjectionKind.KEY, ProjectionKind.VALUE);
            case ATTENTION_OUTPUT -> List.of(ProjectionKind.OUTPUT);
            case FEED_FORWARD_INPUT -> List.of(ProjectionKind.GATE, ProjectionKind.UP);
            case FEED_FORWARD_OUTPUT -> List.of(ProjectionKind.DOWN);
        };
    }

    /// The length of the joined output.
    public int outputs(ModelConfig config) {
        return kinds().stream().mapToInt(config::outputs).sum();
    }

    /// The length of the common input.
    public int inputs(ModelConfig config) {
        return config.inputs(kinds().getFirst());
    }

    /// Where a projection's outputs begin in the joined output.
    public int offset(ModelConfig config, ProjectionKind kind) {
        return kinds().subList(0, kinds().indexOf(kind)).stream()
                .mapToInt(config::outputs)
                .sum();
    }
}
