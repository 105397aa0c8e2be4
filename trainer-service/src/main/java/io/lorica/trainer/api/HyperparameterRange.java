package io.lorica.trainer.api;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/// The numbers that make sense for each numeric hyper-parameter: one table for reading, for messages and for
/// docs/api.md. What lies outside trains nothing, or cannot be done.
enum HyperparameterRange {
    N_EPOCHS(1, 1000),
    MAX_STEPS(1, 1_000_000),
    BATCH_SIZE(1, 1024),
    GRADIENT_ACCUMULATION_STEPS(1, 1024),
    LEARNING_RATE(0, 1, false, true),
    LEARNING_RATE_MULTIPLIER(0, 1000, false, true),
    WARMUP_STEPS(0, 1_000_000),
    WARMUP_RATIO(0, 1, true, false),
    LR_NUM_CYCLES(0, 1000, false, true),
    LR_POWER(0, 100, false, true),
    LR_END(0, 1),
    LR_TIMESCALE(1, 10_000_000),
    ADAM_BETA1(0, 1, true, false),
    ADAM_BETA2(0, 1, true, false),
    ADAM_EPSILON(0, 1, false, true),
    WEIGHT_DECAY(0, 1),
    MAX_GRAD_NORM(0, 1_000_000),
    MAX_SEQ_LENGTH(16, 10_000_000),
    NEFTUNE_NOISE_ALPHA(0, 1000),
    EVAL_EVERY(0, 1_000_000),
    EARLY_STOPPING_PATIENCE(0, 10_000),
    EARLY_STOPPING_THRESHOLD(0, 100),
    LORA_RANK(1, 1024),
    LORA_ALPHA(0, 65_536, false, true),
    LORA_DROPOUT(0, 1, true, false),
    LORAPLUS_LR_RATIO(0, 1024, false, true),
    LAYERS_TO_TRANSFORM(0, 9999),
    RANK_PATTERN(1, 1024),
    ALPHA_PATTERN(0, 65_536, false, true),
    LOFTQ_ITER(1, 100),
    CHECKPOINT_EVERY(0, 1_000_000),
    LOG_EVERY(1, 1_000_000);

    private static final Map<String, HyperparameterRange> BY_NAME =
            Arrays.stream(values()).collect(Collectors.toMap(HyperparameterRange::wireName, Function.identity()));

    private final double least;
    private final double greatest;
    private final boolean leastIncluded;
    private final boolean greatestIncluded;

    HyperparameterRange(double least, double greatest) {
        this(least, greatest, true, true);
    }

    HyperparameterRange(double least, double greatest, boolean leastIncluded, boolean greatestIncluded) {
        this.least = least;
        this.greatest = greatest;
        this.leastIncluded = leastIncluded;
        this.greatestIncluded = greatestIncluded;
    }

    /// The range of a hyper-parameter; empty where it has none.
    static Optional<HyperparameterRange> of(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /// The name of the hyper-parameter.
    String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Tells whether a number makes sense; NaN never does.
    boolean contains(double value) {
        boolean enough = leastIncluded ? value >= least : value > least;
        return enough && (greatestIncluded ? value <= greatest : value < greatest);
    }

    /// The range in words, such as `from 1 to 1000`, `above 0 and at most 1` or `in [0, 1)`.
    String words() {
        if (!greatestIncluded) {
            return "in [" + number(least) + ", " + number(greatest) + ")";
        }
        return leastIncluded
                ? "from " + number(least) + " to " + number(greatest)
                : "above " + number(least) + " and at most " + number(greatest);
    }

    private static String number(double value) {
        return String.valueOf((long) value);
    }
}
