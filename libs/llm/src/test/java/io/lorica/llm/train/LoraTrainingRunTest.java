package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.BaseQuantization;
import io.lorica.contracts.job.ComputeType;
import io.lorica.contracts.job.EvaluationSpec;
import io.lorica.contracts.job.GradientCheckpointing;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.LossRegion;
import io.lorica.contracts.job.OverLength;
import io.lorica.contracts.job.PrecisionSpec;
import io.lorica.contracts.job.RowPolicy;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.ResumedRun;
import io.lorica.llm.testing.Rows;
import io.lorica.llm.testing.TinyModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class LoraTrainingRunTest {

    private static final PrecisionSpec SINGLE = new PrecisionSpec(ComputeType.FLOAT32, BaseQuantization.NONE, false);

    @TempDir
    private Path directory;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.qwen2().write(directory.resolve("model"));
    }

    @Test
    void lossFallsOnASetThatCanBeMemorised() {
        // Given
        List<TrainingExample> rows = Rows.of(4);

        // When
        try (TrainingRun run = open(Rows.spec(Rows.plan(4, 1, 40), 0), rows)) {
            double first = run.step().trainLoss();
            StepMetrics last = steps(run, 39);

            // Then
            assertThat(last.trainLoss()).isLessThan(first / 3);
            assertThat(last.step()).isEqualTo(40);
            assertThat(last.trainTokenAccuracy()).isGreaterThan(0.5);
        }
    }

    @Test
    void accumulatedStepEqualsOneLargeBatch() {
        // Given
        List<TrainingExample> rows = Rows.of(8);

        // When
        TrainingOptions single = TrainingOptions.DEFAULTS.with(SINGLE);
        try (TrainingRun whole = open(Rows.spec(Rows.plan(8, 1, 3).with(single), 0), rows);
                TrainingRun parts = open(Rows.spec(Rows.plan(1, 8, 3).with(single), 0), rows)) {
            StepMetrics one = steps(whole, 3);
            StepMetrics accumulated = steps(parts, 3);

            // Then: sums in another order, so equal up to float32 rounding
            assertThat(accumulated.trainLoss()).isCloseTo(one.trainLoss(), within(1e-4));
            assertThat(accumulated.gradientNorm()).isCloseTo(one.gradientNorm(), within(1e-3));
        }
    }

    @Test
    void packedStepEqualsTheSameRowsSideBySide() {
        // Given: eight rows fill fewer windows than a step takes, so that a step is an epoch either way
        List<TrainingExample> rows = Rows.of(8);
        TrainingPlan apart = Rows.plan(8, 1, 3);
        TrainingPlan packed =
                apart.with(TrainingOptions.DEFAULTS.with(new RowPolicy(OverLength.RAISE, true, LossRegion.ALL)));

        // When
        try (TrainingRun side = open(Rows.spec(apart, 0), rows);
                TrainingRun together = open(Rows.spec(packed, 0), rows)) {
            StepMetrics one = steps(side, 3);
            StepMetrics other = steps(together, 3);

            // Then: sums in another order, so equal up to float32 rounding
            assertThat(other.trainLoss()).isCloseTo(one.trainLoss(), within(1e-4));
            assertThat(other.gradientNorm()).isCloseTo(one.gradientNorm(), within(1e-3));
            assertThat(other.trainedTokens()).isEqualTo(one.trainedTokens());
        }
    }

    @Test
    void learnsThePromptWhereTheJobAsksForTheFullText() {
        // Given
        TrainingPlan completion = Rows.plan(4, 1, 1);
        TrainingPlan full =
                completion.with(TrainingOptions.DEFAULTS.with(new RowPolicy(OverLength.RAISE, false, LossRegion.FULL)));

        // When
        try (TrainingRun one = open(Rows.spec(completion, 0), Rows.of(4));
                TrainingRun other = open(Rows.spec(full, 0), Rows.of(4))) {
            long prompts = other.step().trainedTokens() - one.step().trainedTokens();

            // Then: four prompts of 18 bytes, the first of each with nothing before it
            assertThat(prompts).isEqualTo(4 * 17);
        }
    }

    /// Kinds of adapters; and options, with a dropout without which gradients are taken by hand.
    static Stream<Arguments> resumable() {
        TrainingOptions all = TrainingOptions.DEFAULTS
                .with(new RowPolicy(OverLength.SPLIT, true, LossRegion.FULL))
                .with(GradientCheckpointing.LAYERS)
                .withNeftuneAlpha(5);
        LoraSpec plain = Adapters.kinds().getFirst();
        return Stream.concat(
                Adapters.kinds().stream().map(kind -> arguments(kind, TrainingOptions.DEFAULTS, 0.2)),
                Stream.of(
                        arguments(plain, TrainingOptions.DEFAULTS, 0),
                        arguments(plain, all, 0.2),
                        arguments(plain, all, 0)));
    }

    @ParameterizedTest
    @MethodSource("resumable")
    void resumedRunEqualsTheUninterruptedBitForBit(LoraSpec lora, TrainingOptions options, double dropout)
            throws IOException {
        // Given
        JobSpec spec = Rows.spec(Rows.plan(2, 2, 6).with(options), dropout, lora);

        // When
        ResumedRun run = ResumedRun.of(directory, model, spec, Rows.of(7), 3);

        // Then
        assertThat(run.resumedAt()).isEqualTo(3);
        assertThat(run.differences()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = ComputeType.class,
            names = {"BFLOAT16", "FLOAT16"})
    void learnsIn16BitsAndGoesOnBitForBit(ComputeType type) throws IOException {
        // Given
        TrainingOptions options = TrainingOptions.DEFAULTS.with(new PrecisionSpec(type, BaseQuantization.NONE, false));
        JobSpec spec = Rows.spec(Rows.plan(4, 1, 30).with(options), 0);

        // When
        ResumedRun run = ResumedRun.of(directory, model, spec, Rows.of(4), 15);

        // Then
        assertThat(run.losses().getLast()).isLessThan(run.losses().getFirst() / 2);
        assertThat(run.differences()).isEmpty();
    }

    @Test
    void holdsAsManyTensorsAfterManyStepsAsAfterOne() {
        // Given
        JobSpec spec = Rows.spec(Rows.plan(2, 2, 12).with(TrainingOptions.DEFAULTS.withNeftuneAlpha(5)), 0.1);
        try (LoraTrainingRun run = (LoraTrainingRun)
                new LoraTrainingEngine().open(model, spec, Rows.of(6), Rows.of(3), Optional.empty())) {
            run.step();
            run.evaluate();
            int afterOne = run.tensorCount();

            // When
            steps(run, 10);
            run.evaluate();

            // Then
            assertThat(run.tensorCount()).isEqualTo(afterOne);
        }
    }

    @Test
    void measuresValidationRowsWithoutLearningFromThem() {
        // Given
        try (TrainingRun run = new LoraTrainingEngine()
                .open(model, Rows.spec(Rows.plan(2, 1, 2), 0.5), Rows.of(4), Rows.of(3), Optional.empty())) {
            run.step();

            // When
            Evaluation first = run.evaluate().orElseThrow();
            Evaluation second = run.evaluate().orElseThrow();

            // Then
            assertThat(first).isEqualTo(second);
            assertThat(first.tokens()).isPositive();
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.2})
    void measuresTheSameLossHoweverValidationRowsAreBatched(double dropout) {
        // Given: by hand and recorded
        TrainingPlan apart = Rows.plan(1, 1, 2);
        TrainingPlan packed = Rows.plan(2, 1, 2)
                .with(TrainingOptions.DEFAULTS.with(new RowPolicy(OverLength.RAISE, true, LossRegion.ALL)));

        // When
        Evaluation one = measured(apart, dropout);
        Evaluation batched = measured(Rows.plan(4, 1, 2), dropout);
        Evaluation windows = measured(packed, dropout);

        // Then: float32 means over a hundred tokens and more, added up in another order
        assertThat(one.tokens()).isGreaterThan(100);
        assertThat(batched.loss()).isCloseTo(one.loss(), withinPercentage(1e-4));
        assertThat(windows.loss()).isCloseTo(one.loss(), withinPercentage(1e-4));
        assertThat(List.of(batched.tokens(), windows.tokens())).containsOnly(one.tokens());
        assertThat(List.of(batched.tokenAccuracy(), windows.tokenAccuracy())).containsOnly(one.tokenAccuracy());
    }

    private Evaluation measured(TrainingPlan plan, double dropout) {
        JobSpec spec = Rows.spec(plan.with(plan.extras().with(SINGLE)), dropout);
        try (TrainingRun run = new LoraTrainingEngine().open(model, spec, Rows.of(2), Rows.of(7), Optional.empty())) {
            return run.evaluate().orElseThrow();
        }
    }

    @Test
    void endsEarlyWhereTheLossFallsNoMoreAndRemembersThatAcrossAStop() {
        // Given: no loss is better than the first by so much
        EvaluationSpec impatient = new EvaluationSpec(1, 2, 100);
        JobSpec spec = Rows.spec(Rows.plan(2, 1, 9).with(TrainingOptions.DEFAULTS.with(impatient)), 0);
        try (TrainingRun run = new LoraTrainingEngine().open(model, spec, Rows.of(4), Rows.of(3), Optional.empty())) {
            run.step();
            run.evaluate();
            run.step();
            run.evaluate();
            run.saveCheckpoint(directory.resolve("middle"));
        }

        // When
        try (TrainingRun resumed = new LoraTrainingEngine()
                .open(model, spec, Rows.of(4), Rows.of(3), Optional.of(directory.resolve("middle")))) {
            boolean before = resumed.finished();
            resumed.step();
            resumed.evaluate();

            // Then
            assertThat(before).isFalse();
            assertThat(resumed.finished()).isTrue();
            assertThat(resumed.standing().orElseThrow().bestStep()).isEqualTo(1);
        }
    }

    /// A plain adapter; one whose start changed the base; one with tensors of its own in the place of the model's.
    static Stream<LoraSpec> returning() {
        List<LoraSpec> kinds = Adapters.kinds();
        return Stream.of(kinds.getFirst(), kinds.getLast(), kinds.get(6));
    }

    @ParameterizedTest
    @MethodSource("returning")
    void goesBackToAnAdapterThatItHadBefore(LoraSpec kind) throws IOException {
        // Given
        JobSpec spec = Rows.spec(Rows.plan(2, 1, 4), 0, kind);
        Path checkpoint = directory.resolve("checkpoint");
        try (TrainingRun run = new LoraTrainingEngine().open(model, spec, Rows.of(4), Rows.of(3), Optional.empty())) {
            run.step();
            double measured = run.evaluate().orElseThrow().loss();
            run.saveCheckpoint(checkpoint);
            steps(run, 2);
            double later = run.evaluate().orElseThrow().loss();

            // When
            run.goBackTo(checkpoint);
            run.saveAdapter(directory.resolve("adapter"));

            // Then
            assertThat(run.completedSteps()).isEqualTo(1);
            assertThat(run.evaluate().orElseThrow().loss()).isEqualTo(measured).isNotEqualTo(later);
            String weights = "adapter_model.safetensors";
            assertThat(Files.mismatch(
                            checkpoint.resolve(weights),
                            directory.resolve("adapter").resolve(weights)))
                    .isEqualTo(-1);
            assertThatThrownBy(run::step).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void refusesToChooseAnAdapterWithoutRowsToChooseBy() {
        // Given
        EvaluationSpec best = new EvaluationSpec(1, 0, 0, true);
        JobSpec spec = Rows.spec(Rows.plan(2, 1, 4).with(TrainingOptions.DEFAULTS.with(best)), 0);

        // When // Then
        assertThatThrownBy(() -> open(spec, Rows.of(4)))
                .isInstanceOfSatisfying(
                        ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_VALIDATION_FILE))
                .hasMessageContaining("load_best_model_at_end");
    }

    @Test
    void addsNoiseWhileTrainingOnly() {
        // Given
        JobSpec plain = Rows.spec(Rows.plan(2, 1, 2), 0);
        JobSpec noisy = Rows.spec(Rows.plan(2, 1, 2).with(TrainingOptions.DEFAULTS.withNeftuneAlpha(5)), 0);
        try (TrainingRun quiet = new LoraTrainingEngine().open(model, plain, Rows.of(4), Rows.of(3), Optional.empty());
                TrainingRun loud =
                        new LoraTrainingEngine().open(model, noisy, Rows.of(4), Rows.of(3), Optional.empty())) {

            // When
            Evaluation measuredQuiet = quiet.evaluate().orElseThrow();
            Evaluation measuredLoud = loud.evaluate().orElseThrow();
            double trainedQuiet = quiet.step().trainLoss();
            double trainedLoud = loud.step().trainLoss();

            // Then
            assertThat(measuredLoud).isEqualTo(measuredQuiet);
            assertThat(trainedLoud).isNotEqualTo(trainedQuiet);
        }
    }

    @Test
    void refusesACheckpointOfOtherSettings() {
        // Given
        JobSpec spec = Rows.spec(Rows.plan(2, 1, 4), 0);
        TrainingOptions other = TrainingOptions.DEFAULTS.withNeftuneAlpha(1);
        try (TrainingRun run = open(spec, Rows.of(4))) {
            run.step();
            run.saveCheckpoint(directory.resolve("checkpoint"));
        }

        // When // Then
        assertThatThrownBy(() -> new LoraTrainingEngine()
                        .open(
                                model,
                                Rows.spec(spec.plan().with(other), 0),
                                Rows.of(4),
                                List.of(),
                                Optional.of(directory.resolve("checkpoint"))))
                .hasMessageContaining("other settings");
    }

    @Test
    void refusesACheckpointOfOtherRows() {
        // Given
        JobSpec spec = Rows.spec(Rows.plan(2, 1, 4), 0);
        try (TrainingRun run = open(spec, Rows.of(4))) {
            run.step();
            run.saveCheckpoint(directory.resolve("checkpoint"));
        }

        // When // Then
        assertThatThrownBy(() -> new LoraTrainingEngine()
                        .open(model, spec, Rows.of(5), List.of(), Optional.of(directory.resolve("checkpoint"))))
                .hasMessageContaining("other rows");
    }

    @Test
    void namesTheRowsOfALossThatIsNoNumberAndKeepsTheWeights() throws IOException {
        namesTheRowsOfTheSecondStepAndKeepsTheWeights(TrainingRun::step);
    }

    @Test
    void namesThemAlsoWhereTheStepsAfterThemAreOnTheirWay() throws IOException {
        namesTheRowsOfTheSecondStepAndKeepsTheWeights(run -> {
            for (int ahead = 0; ahead < 4; ahead++) {
                run.stepAhead();
            }
        });
    }

    private void namesTheRowsOfTheSecondStepAndKeepsTheWeights(Consumer<TrainingRun> steps) throws IOException {
        // Given: a rate that throws the adapter far away in the second step
        TrainingPlan plan = new TrainingPlan(4, 1, 1, 9, 1e30, LearningRateSchedule.CONSTANT, 0, 0, 0, 256, 0, 1, null);
        try (TrainingRun run = open(Rows.spec(plan, 0), Rows.of(4))) {
            run.step();
            run.saveAdapter(directory.resolve("before"));

            // When
            assertThatThrownBy(() -> steps.accept(run))
                    .isInstanceOfSatisfying(
                            ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NON_FINITE_LOSS))
                    .hasMessageContaining("[1, 2, 3, 4]");

            // Then
            run.saveAdapter(directory.resolve("after"));
            assertThat(run.completedSteps()).isEqualTo(1);
            assertThat(Files.mismatch(
                            directory.resolve("before/adapter_model.safetensors"),
                            directory.resolve("after/adapter_model.safetensors")))
                    .isEqualTo(-1);
        }
    }

    @Test
    void learnsTheSameWhenNobodyAsksWhatAStepMeasured() throws IOException {
        // Given
        JobSpec spec = Rows.spec(Rows.plan(2, 2, 6), 0);
        StepMetrics asked;
        try (TrainingRun run = open(spec, Rows.of(24))) {
            asked = steps(run, 6);
            run.saveAdapter(directory.resolve("asked"));
        }
        try (TrainingRun run = open(spec, Rows.of(24))) {
            // When
            for (int step = 0; step < 6; step++) {
                run.stepAhead();
            }
            StepMetrics last = run.measured();

            // Then
            assertThat(last.step()).isEqualTo(6);
            assertThat(last.trainLoss()).isEqualTo(asked.trainLoss());
            assertThat(last.gradientNorm()).isEqualTo(asked.gradientNorm());
            assertThat(last.trainedTokens()).isEqualTo(asked.trainedTokens());
            assertThat(run.measured()).isEqualTo(last);
            run.saveAdapter(directory.resolve("ahead"));
            assertThat(Files.mismatch(
                            directory.resolve("asked/adapter_model.safetensors"),
                            directory.resolve("ahead/adapter_model.safetensors")))
                    .isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 0.2})
    void stopsBetweenMicroBatchesAndGoesOnAsIfItHadNeverStopped(double dropout) throws IOException {
        // Given: four micro-batches a step, with gradients taken by hand and recorded
        JobSpec spec = Rows.spec(Rows.plan(1, 4, 6), dropout);
        List<TrainingExample> rows = Rows.of(8);
        StepMetrics undisturbed;
        try (TrainingRun run = open(spec, rows)) {
            undisturbed = steps(run, 6);
            run.saveAdapter(directory.resolve("undisturbed"));
        }
        AtomicInteger left = new AtomicInteger(2 * 4 + 3);
        try (TrainingRun run = open(spec, rows)) {
            run.goOnWhile(() -> left.decrementAndGet() >= 0);

            // When: the fourth micro-batch of the third step is not wanted any more
            assertThatThrownBy(() -> {
                        while (!run.finished()) {
                            run.stepAhead();
                        }
                    })
                    .isInstanceOf(StepAbandoned.class);
            assertThat(run.completedSteps()).isEqualTo(2);
            assertThat(run.measured().step()).isEqualTo(2);
            run.saveCheckpoint(directory.resolve("checkpoint"));
        }

        // Then
        try (TrainingRun run = new LoraTrainingEngine()
                .open(model, spec, rows, List.of(), Optional.of(directory.resolve("checkpoint")))) {
            StepMetrics resumed = steps(run, 4);
            run.saveAdapter(directory.resolve("resumed"));
            assertThat(resumed.trainLoss()).isEqualTo(undisturbed.trainLoss());
            assertThat(resumed.trainedTokens()).isEqualTo(undisturbed.trainedTokens());
            assertThat(Files.mismatch(
                            directory.resolve("undisturbed/adapter_model.safetensors"),
                            directory.resolve("resumed/adapter_model.safetensors")))
                    .isEqualTo(-1);
        }
    }

    @Test
    void givesAMeasurementUpThatIsNotWantedAnyMore() {
        // Given
        AtomicBoolean wanted = new AtomicBoolean(true);
        try (TrainingRun run = new LoraTrainingEngine()
                .open(model, Rows.spec(Rows.plan(2, 1, 2), 0), Rows.of(4), Rows.of(3), Optional.empty())) {
            run.goOnWhile(wanted::get);
            run.step();
            wanted.set(false);

            // When, Then
            assertThatThrownBy(run::evaluate).isInstanceOf(StepAbandoned.class);
            assertThat(run.standing()).isEmpty();
            wanted.set(true);
            assertThat(run.evaluate()).isPresent();
        }
    }

    private TrainingRun open(JobSpec spec, List<TrainingExample> rows) {
        return new LoraTrainingEngine().open(model, spec, rows, List.of(), Optional.empty());
    }

    private static StepMetrics steps(TrainingRun run, int count) {
        StepMetrics metrics = run.step();
        for (int i = 1; i < count; i++) {
            metrics = run.step();
        }
        return metrics;
    }
}
