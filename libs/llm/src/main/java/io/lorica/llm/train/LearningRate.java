package io.lorica.llm.train;

import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.TrainingPlan;

/// The learning rate of each step, equal to transformers' `get_linear_`, `get_cosine_` and
/// `get_constant_schedule_with_warmup`.
///
/// @param peak the rate after warm-up
/// @param schedule how it moves from there
/// @param warmupSteps steps over which it rises from 0
/// @param totalSteps steps of the run
record LearningRate(double peak, LearningRateSchedule schedule, int warmupSteps, int totalSteps) {

    static LearningRate of(TrainingPlan plan, int totalSteps) {
        return new LearningRate(plan.learningRate(), plan.schedule(), plan.warmupSteps(), totalSteps);
    }

    /// The rate of a step, counted from 1. The first step of a warm-up has rate 0, as in transformers.
    double at(int step) {
        int done = step - 1;
        if (done < warmupSteps) {
            return peak * done / Math.max(1, warmupSteps);
        }
        int decaySteps = Math.max(1, totalSteps - warmupSteps);
        double progress = (double) (done - warmupSteps) / decaySteps;
        return switch (schedule) {
            case CONSTANT -> peak;
            case LINEAR -> peak * Math.max(0, 1 - progress);
            case COSINE -> peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
        };
    }
}
