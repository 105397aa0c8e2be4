package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// How the loss on the validation rows has gone so far.
///
/// @param bestLoss the last loss that was better by as much as counts
/// @param bestStep the step after which it was measured
/// @param latestStep the step after which was measured last
/// @param withoutProgress how many measurements since the best one were no better
/// @param endsEarly whether they were so many that the run ends
/// @param lowest the lowest loss where it is lower than the best by less than counts; null where the best is it
public record EvaluationStanding(
        double bestLoss,
        int bestStep,
        int latestStep,
        int withoutProgress,
        boolean endsEarly,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Measured lowest) {

    /// A loss and the step after which it was measured.
    public record Measured(double loss, int step) {}

    @JsonCreator
    public EvaluationStanding {}

    /// A standing whose best loss is the lowest.
    public EvaluationStanding(double bestLoss, int bestStep, int latestStep, int withoutProgress, boolean endsEarly) {
        this(bestLoss, bestStep, latestStep, withoutProgress, endsEarly, null);
    }

    /// The standing after a run's first measurement.
    public static EvaluationStanding first(int step, double loss) {
        return new EvaluationStanding(loss, step, step, 0, false);
    }

    /// The standing after another measurement; one of a step that is counted already changes nothing.
    public EvaluationStanding after(int step, double loss, EvaluationSpec spec) {
        if (step <= latestStep) {
            return this;
        }
        if (loss < bestLoss - spec.minimumChange()) {
            return first(step, loss);
        }
        int more = withoutProgress + 1;
        boolean enough = spec.patience() > 0 && more >= spec.patience();
        Measured next = loss < lowestMeasured().loss() ? new Measured(loss, step) : lowest;
        return new EvaluationStanding(bestLoss, bestStep, step, more, enough, next);
    }

    /// The lowest loss, whether or not it counts as better.
    public Measured lowestMeasured() {
        return lowest == null ? new Measured(bestLoss, bestStep) : lowest;
    }
}
