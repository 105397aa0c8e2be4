package io.lorica.contracts.job;

import org.jspecify.annotations.Nullable;

/// What a plan may settle beyond its length and pace.
///
/// @param scheduleShape what the learning-rate schedule leaves open
/// @param optimizer which optimizer, and its constants
/// @param precision in which numbers to compute
/// @param rows how rows become sequences
/// @param evaluation when to measure, and when to end early
/// @param gradientCheckpointing what is kept for the backward pass
/// @param neftuneAlpha strength of the noise on the embeddings while training (NEFTune,
///     https://arxiv.org/abs/2310.05914); 0 for none
public record TrainingOptions(
        ScheduleShape scheduleShape,
        OptimizerSpec optimizer,
        PrecisionSpec precision,
        RowPolicy rows,
        EvaluationSpec evaluation,
        GradientCheckpointing gradientCheckpointing,
        double neftuneAlpha) {

    /// Nothing out of the ordinary.
    public static final TrainingOptions DEFAULTS = new TrainingOptions(
            ScheduleShape.DEFAULTS,
            OptimizerSpec.DEFAULTS,
            PrecisionSpec.DEFAULTS,
            RowPolicy.DEFAULTS,
            EvaluationSpec.DEFAULTS,
            GradientCheckpointing.NONE,
            0);

    public TrainingOptions {
        scheduleShape = or(scheduleShape, ScheduleShape.DEFAULTS);
        optimizer = or(optimizer, OptimizerSpec.DEFAULTS);
        precision = or(precision, PrecisionSpec.DEFAULTS);
        rows = or(rows, RowPolicy.DEFAULTS);
        evaluation = or(evaluation, EvaluationSpec.DEFAULTS);
        gradientCheckpointing = or(gradientCheckpointing, GradientCheckpointing.NONE);
        if (!(neftuneAlpha >= 0 && neftuneAlpha < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("neftune_noise_alpha is " + neftuneAlpha + "; it must not be negative");
        }
    }

    // JSON written before an option existed lacks it.
    private static <T> T or(@Nullable T given, T otherwise) {
        return given == null ? otherwise : given;
    }

    /// The same with another shape of the schedule.
    public TrainingOptions with(ScheduleShape other) {
        return new TrainingOptions(other, optimizer, precision, rows, evaluation, gradientCheckpointing, neftuneAlpha);
    }

    /// The same with another optimizer.
    public TrainingOptions with(OptimizerSpec other) {
        return new TrainingOptions(
                scheduleShape, other, precision, rows, evaluation, gradientCheckpointing, neftuneAlpha);
    }

    /// The same in other numbers.
    public TrainingOptions with(PrecisionSpec other) {
        return new TrainingOptions(
                scheduleShape, optimizer, other, rows, evaluation, gradientCheckpointing, neftuneAlpha);
    }

    /// The same with rows treated otherwise.
    public TrainingOptions with(RowPolicy other) {
        return new TrainingOptions(
                scheduleShape, optimizer, precision, other, evaluation, gradientCheckpointing, neftuneAlpha);
    }

    /// The same with other evaluations.
    public TrainingOptions with(EvaluationSpec other) {
        return new TrainingOptions(
                scheduleShape, optimizer, precision, rows, other, gradientCheckpointing, neftuneAlpha);
    }

    /// The same with something else kept for the backward pass.
    public TrainingOptions with(GradientCheckpointing other) {
        return new TrainingOptions(scheduleShape, optimizer, precision, rows, evaluation, other, neftuneAlpha);
    }

    /// The same with noise of another strength.
    public TrainingOptions withNeftuneAlpha(double other) {
        return new TrainingOptions(scheduleShape, optimizer, precision, rows, evaluation, gradientCheckpointing, other);
    }
}
