package io.lorica.contracts.job;

/// How the loss on the validation rows has gone so far.
///
/// @param bestLoss the lowest loss
/// @param bestStep the step after which it was measured
/// @param latestStep the step after which was measured last
/// @param withoutProgress how many measurements since the best one were no better
/// @param endsEarly whether they were so many that the run ends
public record EvaluationStanding(
        double bestLoss, int bestStep, int latestStep, int withoutProgress, boolean endsEarly) {

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
        return new EvaluationStanding(bestLoss, bestStep, step, more, enough);
    }
}
