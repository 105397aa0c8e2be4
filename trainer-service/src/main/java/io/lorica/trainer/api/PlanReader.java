package io.lorica.trainer.api;

import java.util.Optional;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.BaseQuantization;
import io.lorica.contracts.job.ComputeType;
import io.lorica.contracts.job.EvaluationSpec;
import io.lorica.contracts.job.GradientCheckpointing;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.contracts.job.OverLength;
import io.lorica.contracts.job.PrecisionSpec;
import io.lorica.contracts.job.RowPolicy;
import io.lorica.contracts.job.ScheduleShape;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.contracts.job.TrainingPlan;
import org.jspecify.annotations.Nullable;

/// Reads how long, how fast and in which numbers to train. Defaults are those of docs/api.md.
///
/// @param values what was given
/// @param maxPositions the longest sequence that the model takes
/// @param measured whether there are rows to measure on
record PlanReader(Hyperparameters values, int maxPositions, boolean measured) {

    private static final double BASE_LEARNING_RATE = 2e-4;
    private static final int WARMUP_STEPS = 5;
    private static final int SEQUENCE_LENGTH = 2048;

    TrainingPlan read() {
        int batch = values.integer("batch_size", 2);
        int accumulation = values.integer("gradient_accumulation_steps", 4);
        int epochs = values.integer("n_epochs", 3);
        @Nullable Integer maxSteps = values.optionalInteger("max_steps").orElse(null);
        double rate = learningRate();
        LearningRateSchedule schedule = values.choice(
                "lr_scheduler",
                LearningRateSchedule.LINEAR,
                LearningRateSchedule.values(),
                LearningRateSchedule::wireName);
        int warmup = warmup(schedule, maxSteps);
        double decay = values.number("weight_decay", 0.01);
        double clip = values.number("max_grad_norm", 1);
        int length = length();
        int checkpointEvery = values.integer("checkpoint_every", 0);
        int logEvery = values.integer("log_every", 10);
        TrainingOptions options = options();
        return values.checked(() -> new TrainingPlan(
                batch,
                accumulation,
                epochs,
                maxSteps,
                rate,
                schedule,
                warmup,
                decay,
                clip,
                length,
                checkpointEvery,
                logEvery,
                options));
    }

    private double learningRate() {
        double multiplier = values.number("learning_rate_multiplier", 1);
        if (multiplier != 1 && values.given("learning_rate")) {
            throw wrong(
                    "learning_rate_multiplier",
                    "learning_rate_multiplier stands beside learning_rate; give one of them.");
        }
        return values.number("learning_rate", BASE_LEARNING_RATE * multiplier);
    }

    private int warmup(LearningRateSchedule schedule, @Nullable Integer maxSteps) {
        boolean constant = schedule == LearningRateSchedule.CONSTANT;
        int most = maxSteps == null ? WARMUP_STEPS : Math.min(WARMUP_STEPS, maxSteps - 1);
        int steps = values.integer("warmup_steps", constant || values.given("warmup_ratio") ? 0 : most);
        if (constant && steps > 0) {
            throw wrong("warmup_steps", "warmup_steps has no meaning for a constant rate; use constant_with_warmup.");
        }
        if (maxSteps != null && steps >= maxSteps) {
            throw wrong(
                    "warmup_steps",
                    "warmup_steps is " + steps + " and max_steps " + maxSteps
                            + ": the rate would never reach learning_rate. Give fewer.");
        }
        return steps;
    }

    private int length() {
        int length = values.integer("max_seq_length", Math.min(SEQUENCE_LENGTH, maxPositions));
        if (length > maxPositions) {
            throw wrong(
                    "max_seq_length",
                    "max_seq_length is " + length + "; this model takes at most " + maxPositions + ".");
        }
        return length;
    }

    private TrainingOptions options() {
        ScheduleShape shape = shape();
        OptimizerSpec optimizer = optimizer();
        PrecisionSpec precision = precision();
        RowPolicy rows = rows();
        EvaluationSpec evaluation = evaluation();
        GradientCheckpointing kept = gradientCheckpointing();
        double noise = values.number("neftune_noise_alpha", 0);
        return values.checked(() -> new TrainingOptions(shape, optimizer, precision, rows, evaluation, kept, noise));
    }

    private ScheduleShape shape() {
        @Nullable Double warmupRatio = values.optionalNumber("warmup_ratio").orElse(null);
        @Nullable Double cycles = values.optionalNumber("lr_num_cycles").orElse(null);
        @Nullable Double power = values.optionalNumber("lr_power").orElse(null);
        @Nullable Double end = values.optionalNumber("lr_end").orElse(null);
        @Nullable Integer timescale = values.optionalInteger("lr_timescale").orElse(null);
        return values.checked(() -> new ScheduleShape(warmupRatio, cycles, power, end, timescale));
    }

    private OptimizerSpec optimizer() {
        OptimizerSpec usual = OptimizerSpec.DEFAULTS;
        OptimizerKind kind = values.choice("optim", usual.kind(), OptimizerKind.values(), OptimizerKind::wireName);
        double beta1 = values.number("adam_beta1", usual.beta1());
        double beta2 = values.number("adam_beta2", usual.beta2());
        double epsilon = values.number("adam_epsilon", usual.epsilon());
        return values.checked(() -> new OptimizerSpec(kind, beta1, beta2, epsilon));
    }

    private PrecisionSpec precision() {
        ComputeType compute =
                values.choice("compute_type", ComputeType.AUTO, ComputeType.values(), ComputeType::wireName);
        BaseQuantization base = values.choice(
                "quantization", BaseQuantization.NONE, BaseQuantization.values(), BaseQuantization::wireName);
        boolean twice = values.flag("double_quantization", base.fourBit());
        boolean embeddings = values.flag("quantize_embeddings", false);
        return values.checked(() -> new PrecisionSpec(compute, base, twice, embeddings));
    }

    private RowPolicy rows() {
        RowPolicy usual = RowPolicy.DEFAULTS;
        return new RowPolicy(
                values.choice("over_length", usual.overLength(), OverLength.values(), OverLength::wireName),
                values.flag("packing", usual.packing()),
                values.choice("train_on", usual.trainOn(), LossRegion.values(), LossRegion::wireName));
    }

    private EvaluationSpec evaluation() {
        int every = values.integer("eval_every", 0);
        int patience = values.integer("early_stopping_patience", 0);
        double change = values.number("early_stopping_threshold", 0);
        boolean best = values.flag("load_best_model_at_end", false);
        if (!measured) {
            requireNone("eval_every", every > 0);
            requireNone("early_stopping_patience", patience > 0);
            requireNone("load_best_model_at_end", best);
        }
        return values.checked(() -> new EvaluationSpec(every, patience, change, best));
    }

    private void requireNone(String name, boolean wanted) {
        if (wanted) {
            throw wrong(name, name + " measures validation rows; give a validation_file.");
        }
    }

    /// transformers has it as a flag.
    private GradientCheckpointing gradientCheckpointing() {
        Optional<Boolean> flag = values.loneFlag("gradient_checkpointing");
        return flag.map(on -> on ? GradientCheckpointing.LAYERS : GradientCheckpointing.NONE)
                .orElseGet(() -> values.choice(
                        "gradient_checkpointing",
                        GradientCheckpointing.NONE,
                        GradientCheckpointing.values(),
                        GradientCheckpointing::wireName));
    }

    private ProductException wrong(String name, String message) {
        return ProductException.forParameter(ErrorCode.INVALID_REQUEST, values.path(name), message);
    }
}
