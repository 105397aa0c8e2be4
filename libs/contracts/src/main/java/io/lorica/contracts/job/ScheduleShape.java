package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// What a learning-rate schedule leaves open, null for transformers' default.
///
/// @param warmupRatio share of all steps over which the rate rises, rounded up to whole steps; instead of a number of
///     steps
/// @param cycles waves of a cosine (half a wave if null) or starts of a cosine with restarts (1 if null)
/// @param power exponent of a polynomial, 1 if null
/// @param endRate the rate that a polynomial falls to, 1e-7 if null
/// @param timescale steps after which an inverse square root would have halved twice; the warm-up if null, or 10000
///     where there is none
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ScheduleShape(
        @Nullable Double warmupRatio,
        @Nullable Double cycles,
        @Nullable Double power,
        @Nullable Double endRate,
        @Nullable Integer timescale) {

    /// Nothing but defaults.
    public static final ScheduleShape DEFAULTS = new ScheduleShape(null, null, null, null, null);

    public ScheduleShape {
        if (warmupRatio != null && !(warmupRatio >= 0 && warmupRatio < 1)) {
            throw new IllegalArgumentException("warmup_ratio is " + warmupRatio + "; it must be in [0, 1)");
        }
        if (cycles != null && !(cycles > 0 && cycles < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("lr_num_cycles is " + cycles + "; it must be above 0");
        }
        if (power != null && !(power > 0 && power < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("lr_power is " + power + "; it must be above 0");
        }
        if (endRate != null && !(endRate >= 0)) {
            throw new IllegalArgumentException("lr_end is " + endRate + "; it must not be negative");
        }
        if (timescale != null && timescale < 1) {
            throw new IllegalArgumentException("lr_timescale is " + timescale + "; it must be at least 1");
        }
    }

    /// Refuses what a schedule would ignore, and what contradicts the plan.
    void check(LearningRateSchedule schedule, int warmupSteps, double peak) {
        if (warmupRatio != null && warmupSteps > 0) {
            throw new IllegalArgumentException("warmup_ratio stands beside warmup_steps; give one of them");
        }
        if (warmupRatio != null && schedule == LearningRateSchedule.CONSTANT) {
            throw new IllegalArgumentException(
                    "warmup_ratio has no meaning for a constant rate; use constant_with_warmup");
        }
        boolean restarts = schedule == LearningRateSchedule.COSINE_WITH_RESTARTS;
        boolean polynomial = schedule == LearningRateSchedule.POLYNOMIAL;
        belongs("lr_num_cycles", cycles, restarts || schedule == LearningRateSchedule.COSINE, "a cosine");
        belongs("lr_power", power, polynomial, "polynomial");
        belongs("lr_end", endRate, polynomial, "polynomial");
        belongs("lr_timescale", timescale, schedule == LearningRateSchedule.INVERSE_SQRT, "inverse_sqrt");
        if (restarts && cycles != null && cycles != Math.rint(cycles)) {
            throw new IllegalArgumentException("lr_num_cycles is " + cycles + "; restarts come in whole numbers");
        }
        if (polynomial && polynomialEnd() >= peak) {
            throw new IllegalArgumentException("lr_end is " + polynomialEnd() + "; it must be below learning_rate");
        }
    }

    /// Where a polynomial ends.
    public double polynomialEnd() {
        return endRate == null ? 1e-7 : endRate;
    }

    private static void belongs(String name, @Nullable Object value, boolean fits, String schedule) {
        if (value != null && !fits) {
            throw new IllegalArgumentException(name + " has no meaning for this lr_scheduler; it is for " + schedule);
        }
    }
}
