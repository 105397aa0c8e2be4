package io.lorica.llm.train;

import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.ScheduleShape;
import io.lorica.contracts.job.TrainingPlan;

/// The learning rate of each step, equal to what transformers' `get_scheduler` makes of the schedule's name
/// (https://huggingface.co/docs/transformers/main_classes/optimizer_schedules).
///
/// @param peak the rate after warm-up
/// @param schedule how it moves from there
/// @param warmupSteps steps over which it rises from 0
/// @param totalSteps steps of the run
/// @param shape what the schedule leaves open
record LearningRate(double peak, LearningRateSchedule schedule, int warmupSteps, int totalSteps, ScheduleShape shape) {

    private static final int TIMESCALE_WITHOUT_WARMUP = 10_000;

    /// A schedule with transformers' defaults.
    LearningRate(double peak, LearningRateSchedule schedule, int warmupSteps, int totalSteps) {
        this(peak, schedule, warmupSteps, totalSteps, ScheduleShape.DEFAULTS);
    }

    static LearningRate of(TrainingPlan plan, int totalSteps) {
        ScheduleShape shape = plan.extras().scheduleShape();
        Double ratio = shape.warmupRatio();
        int warmup = ratio == null ? plan.warmupSteps() : (int) Math.ceil(totalSteps * ratio);
        return new LearningRate(plan.learningRate(), plan.schedule(), warmup, totalSteps, shape);
    }

    /// The rate of a step, counted from 1. The first step of a warm-up has rate 0, as in transformers.
    double at(int step) {
        int done = step - 1;
        if (schedule != LearningRateSchedule.CONSTANT && done < warmupSteps) {
            return peak * done / Math.max(1, warmupSteps);
        }
        return switch (schedule) {
            case CONSTANT, CONSTANT_WITH_WARMUP -> peak;
            case LINEAR -> peak * Math.max(0, 1 - progress(done));
            case COSINE -> peak * wave(2 * cycles(0.5) * progress(done));
            case COSINE_WITH_RESTARTS -> progress(done) >= 1 ? 0 : peak * wave(cycles(1) * progress(done) % 1);
            case POLYNOMIAL -> polynomial(done);
            case INVERSE_SQRT -> peak * inverseSquareRoot(done);
        };
    }

    /// The share of the steps after the warm-up that are done.
    private double progress(int done) {
        return (double) (done - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    }

    private double cycles(double otherwise) {
        Double cycles = shape.cycles();
        return cycles == null ? otherwise : cycles;
    }

    /// From 1 at 0 to 0 at 1.
    private static double wave(double halves) {
        return Math.max(0, 0.5 * (1 + Math.cos(Math.PI * halves)));
    }

    private double polynomial(int done) {
        double end = shape.polynomialEnd();
        Double power = shape.power();
        double left = Math.max(0, 1 - progress(done));
        return (peak - end) * Math.pow(left, power == null ? 1 : power) + end;
    }

    private double inverseSquareRoot(int done) {
        Integer given = shape.timescale();
        int byWarmup = warmupSteps == 0 ? TIMESCALE_WITHOUT_WARMUP : warmupSteps;
        double timescale = given == null ? byWarmup : given;
        return 1 / Math.sqrt((done + timescale - warmupSteps) / timescale);
    }
}
