package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;

/// When the validation rows are measured, and when a run ends for want of progress.
///
/// @param every steps between evaluations; 0 for one with each checkpoint
/// @param patience after how many evaluations in a row without a better loss the run ends; 0 for never
/// @param minimumChange by how much a loss must be lower than the best one to count as better
/// @param loadBest whether the adapter of the lowest loss is published, not the last one
public record EvaluationSpec(int every, int patience, double minimumChange, boolean loadBest) {

    /// An evaluation with each checkpoint, no early end, and the last adapter.
    public static final EvaluationSpec DEFAULTS = new EvaluationSpec(0, 0, 0);

    /// The last adapter is published.
    public EvaluationSpec(int every, int patience, double minimumChange) {
        this(every, patience, minimumChange, false);
    }

    @JsonCreator
    public EvaluationSpec {
        if (every < 0) {
            throw new IllegalArgumentException("eval_every is " + every + "; it must not be negative");
        }
        if (patience < 0) {
            throw new IllegalArgumentException("early_stopping_patience is " + patience + "; it must not be negative");
        }
        if (!(minimumChange >= 0)) {
            throw new IllegalArgumentException(
                    "early_stopping_threshold is " + minimumChange + "; it must not be negative");
        }
        if (minimumChange > 0 && patience == 0) {
            throw new IllegalArgumentException(
                    "early_stopping_threshold has no effect without early_stopping_patience; set both");
        }
    }
}
