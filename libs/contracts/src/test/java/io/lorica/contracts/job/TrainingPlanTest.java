package io.lorica.contracts.job;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class TrainingPlanTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final TrainingOptions UNUSUAL = new TrainingOptions(
            new ScheduleShape(0.03, 2.0, null, null, null),
            new OptimizerSpec(OptimizerKind.PAGED_ADAMW_8BIT, 0.8, 0.95, 1e-6),
            new PrecisionSpec(ComputeType.BFLOAT16, BaseQuantization.NF4, true, true),
            new RowPolicy(OverLength.SPLIT, true, LossRegion.FULL),
            new EvaluationSpec(50, 3, 0.001, true),
            GradientCheckpointing.OFFLOAD,
            5);

    @Test
    void readsWhatItWrites() throws JsonProcessingException {
        // Given
        TrainingPlan plan =
                plan(LearningRateSchedule.COSINE_WITH_RESTARTS, 0, 2e-4).with(UNUSUAL);

        // When
        TrainingPlan read = JSON.readValue(JSON.writeValueAsString(plan), TrainingPlan.class);

        // Then
        assertThat(read).isEqualTo(plan);
        assertThat(read.extras()).isEqualTo(UNUSUAL);
    }

    @Test
    void saysNothingOfOptionsThatAreDefaults() throws JsonProcessingException {
        // Given
        TrainingPlan plan = plan(LearningRateSchedule.LINEAR, 5, 2e-4);

        // When
        TrainingPlan same = plan.with(TrainingOptions.DEFAULTS);

        // Then
        assertThat(same).isEqualTo(plan);
        assertThat(JSON.writeValueAsString(same)).doesNotContain("options");
    }

    @Test
    void readsOptionsThatAreOlderThanSomeOfThem() throws JsonProcessingException {
        // When
        TrainingOptions read = JSON.readValue("{\"neftuneAlpha\":5}", TrainingOptions.class);

        // Then
        assertThat(read).isEqualTo(TrainingOptions.DEFAULTS.withNeftuneAlpha(5));
    }

    @Test
    void readsAPrecisionThatIsOlderThanQuantisedEmbeddings() throws JsonProcessingException {
        // Given
        String older = "{\"compute\":\"bfloat16\",\"base\":\"nf4\",\"doubleQuantization\":true}";

        // When
        PrecisionSpec read = JSON.readValue(older, PrecisionSpec.class);

        // Then
        assertThat(read).isEqualTo(new PrecisionSpec(ComputeType.BFLOAT16, BaseQuantization.NF4, true, false));
    }

    @Test
    void readsAdapterOptionsThatAreOlderThanSomeOfThem() throws JsonProcessingException {
        // Given
        LoraOptions options = new LoraOptions(true, null, List.of(), Map.of("q_proj", 4), Map.of(), null);
        LoraOptions younger = new LoraOptions(
                true,
                null,
                List.of(1),
                Map.of(),
                Map.of(),
                4.0,
                LoraBias.LORA_ONLY,
                List.of("lm_head"),
                new AdapterStart(AdapterStart.Method.PISSA, 16));

        // When
        LoraOptions read = JSON.readValue("{\"dora\":true,\"rankPattern\":{\"q_proj\":4}}", LoraOptions.class);

        // Then
        assertThat(read).isEqualTo(options);
        assertThat(JSON.readValue(JSON.writeValueAsString(younger), LoraOptions.class))
                .isEqualTo(younger);
    }

    @ParameterizedTest
    @MethodSource
    void refusesWhatContradictsItselfAndNamesIt(Supplier<?> value, String message) {
        // When // Then
        assertThatThrownBy(value::get)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }

    static Stream<Arguments> refusesWhatContradictsItselfAndNamesIt() {
        return Stream.of(
                refused("warmup_ratio stands beside", () -> shaped(LearningRateSchedule.LINEAR, 5, shape(0.1, null))),
                refused(
                        "warmup_ratio has no meaning",
                        () -> shaped(LearningRateSchedule.CONSTANT, 0, shape(0.1, null))),
                refused("warmup_ratio is 1.0", () -> shape(1.0, null)),
                refused("lr_num_cycles has no", () -> shaped(LearningRateSchedule.LINEAR, 0, shape(null, 2.0))),
                refused(
                        "lr_num_cycles is 1.5",
                        () -> shaped(LearningRateSchedule.COSINE_WITH_RESTARTS, 0, shape(null, 1.5))),
                refused(
                        "lr_power has no",
                        () -> shaped(LearningRateSchedule.COSINE, 0, new ScheduleShape(null, null, 2.0, null, null))),
                refused(
                        "lr_end is 1.0",
                        () -> shaped(
                                LearningRateSchedule.POLYNOMIAL, 0, new ScheduleShape(null, null, null, 1.0, null))),
                refused("lr_end is 1.0E-7", () -> plan(LearningRateSchedule.POLYNOMIAL, 0, 1e-8)),
                refused(
                        "lr_timescale has no",
                        () -> shaped(LearningRateSchedule.LINEAR, 0, new ScheduleShape(null, null, null, null, 9))),
                refused("adam_beta1 is 1.0", () -> new OptimizerSpec(OptimizerKind.ADAMW, 1, 0.999, 1e-8)),
                refused("adam_epsilon is 0.0", () -> new OptimizerSpec(OptimizerKind.ADAMW, 0.9, 0.999, 0)),
                refused(
                        "double_quantization is for",
                        () -> new PrecisionSpec(ComputeType.AUTO, BaseQuantization.INT8, true)),
                refused("early_stopping_threshold has no", () -> new EvaluationSpec(5, 0, 0.1)),
                refused("neftune_noise_alpha is -1.0", () -> TrainingOptions.DEFAULTS.withNeftuneAlpha(-1)),
                refused("init_lora_weights takes", () -> new AdapterStart(AdapterStart.Method.GAUSSIAN, 2)));
    }

    private static Arguments refused(String message, Supplier<?> value) {
        return arguments(value, message);
    }

    private static ScheduleShape shape(@Nullable Double warmupRatio, @Nullable Double cycles) {
        return new ScheduleShape(warmupRatio, cycles, null, null, null);
    }

    private static TrainingPlan shaped(LearningRateSchedule schedule, int warmup, ScheduleShape shape) {
        return plan(schedule, warmup, 2e-4).with(TrainingOptions.DEFAULTS.with(shape));
    }

    private static TrainingPlan plan(LearningRateSchedule schedule, int warmup, double rate) {
        return new TrainingPlan(2, 4, 3, null, rate, schedule, warmup, 0.01, 1, 2048, 0, 10, null);
    }
}
