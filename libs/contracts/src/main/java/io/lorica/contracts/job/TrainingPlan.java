package io.lorica.contracts.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/// How long and how fast to train.
///
/// @param batchSize rows per forward pass, or windows of rows where rows are packed
/// @param gradientAccumulation forward passes per optimizer step
/// @param epochs passes over the dataset, unless maxSteps says otherwise
/// @param maxSteps optimizer steps, instead of epochs; null for none
/// @param learningRate the peak learning rate
/// @param schedule how the rate moves after warm-up
/// @param warmupSteps steps over which the rate rises from 0
/// @param weightDecay decoupled weight decay of AdamW
/// @param maxGradientNorm the gradient norm above which gradients are scaled down; 0 switches clipping off
/// @param maxSequenceLength tokens of a row, or of a window where rows are packed
/// @param checkpointEvery steps between checkpoints; 0 for one at the end of each epoch
/// @param logEvery steps between progress events
/// @param options what is out of the ordinary, null for nothing
public record TrainingPlan(
        int batchSize,
        int gradientAccumulation,
        int epochs,
        @Nullable Integer maxSteps,
        double learningRate,
        LearningRateSchedule schedule,
        int warmupSteps,
        double weightDecay,
        double maxGradientNorm,
        int maxSequenceLength,
        int checkpointEvery,
        int logEvery,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable TrainingOptions options) {

    public TrainingPlan {
        atLeast("batch_size", batchSize, 1);
        atLeast("gradient_accumulation_steps", gradientAccumulation, 1);
        atLeast("n_epochs", epochs, 1);
        if (maxSteps != null) {
            atLeast("max_steps", maxSteps, 1);
        }
        if (!(learningRate > 0)) {
            throw new IllegalArgumentException("learning_rate is " + learningRate + "; it must be above 0");
        }
        atLeast("warmup_steps", warmupSteps, 0);
        if (!(weightDecay >= 0)) {
            throw new IllegalArgumentException("weight_decay is " + weightDecay + "; it must not be negative");
        }
        if (!(maxGradientNorm >= 0)) {
            throw new IllegalArgumentException("max_grad_norm is " + maxGradientNorm + "; it must not be negative");
        }
        atLeast("max_seq_length", maxSequenceLength, 16);
        atLeast("checkpoint_every", checkpointEvery, 0);
        atLeast("log_every", logEvery, 1);
        options = TrainingOptions.DEFAULTS.equals(options) ? null : options;
        ScheduleShape shape = options == null ? ScheduleShape.DEFAULTS : options.scheduleShape();
        shape.check(schedule, warmupSteps, learningRate);
    }

    /// The same plan with these options.
    public TrainingPlan with(TrainingOptions other) {
        return new TrainingPlan(
                batchSize,
                gradientAccumulation,
                epochs,
                maxSteps,
                learningRate,
                schedule,
                warmupSteps,
                weightDecay,
                maxGradientNorm,
                maxSequenceLength,
                checkpointEvery,
                logEvery,
                other);
    }

    /// What goes beyond length and pace.
    public TrainingOptions extras() {
        return options == null ? TrainingOptions.DEFAULTS : options;
    }

    private static void atLeast(String name, int value, int minimum) {
        if (value < minimum) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + minimum);
        }
    }
}
