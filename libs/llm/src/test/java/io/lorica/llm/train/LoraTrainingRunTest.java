package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.Rows;
import io.lorica.llm.testing.TinyModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class LoraTrainingRunTest {

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
        try (TrainingRun whole = open(Rows.spec(Rows.plan(8, 1, 3), 0), rows);
                TrainingRun parts = open(Rows.spec(Rows.plan(2, 4, 3), 0), rows)) {
            StepMetrics one = steps(whole, 3);
            StepMetrics accumulated = steps(parts, 3);

            // Then: sums in another order, so equal up to float32 rounding
            assertThat(accumulated.trainLoss()).isCloseTo(one.trainLoss(), within(1e-4));
            assertThat(accumulated.gradientNorm()).isCloseTo(one.gradientNorm(), within(1e-3));
        }
    }

    static List<LoraSpec> kinds() {
        return Adapters.kinds();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void resumedRunEqualsTheUninterruptedBitForBit(LoraSpec lora) throws IOException {
        // Given
        List<TrainingExample> rows = Rows.of(7);
        JobSpec spec = Rows.spec(Rows.plan(2, 2, 6), 0.2, lora);
        try (TrainingRun run = open(spec, rows)) {
            steps(run, 3);
            run.saveCheckpoint(directory.resolve("middle"));
            steps(run, 3);
            run.saveCheckpoint(directory.resolve("straight"));
        }

        // When
        try (TrainingRun resumed =
                new LoraTrainingEngine().open(model, spec, rows, List.of(), Optional.of(directory.resolve("middle")))) {
            assertThat(resumed.completedSteps()).isEqualTo(3);
            steps(resumed, 3);
            resumed.saveCheckpoint(directory.resolve("resumed"));
        }

        // Then
        for (String file : List.of("adapter_model.safetensors", "optimizer.safetensors", "trainer_state.json")) {
            assertThat(Files.mismatch(
                            directory.resolve("straight").resolve(file),
                            directory.resolve("resumed").resolve(file)))
                    .as(file)
                    .isEqualTo(-1);
        }
    }

    @Test
    void holdsAsManyTensorsAfterManyStepsAsAfterOne() {
        // Given
        try (LoraTrainingRun run = (LoraTrainingRun) open(Rows.spec(Rows.plan(2, 2, 12), 0.1), Rows.of(6))) {
            run.step();
            int afterOne = run.tensorCount();

            // When
            steps(run, 10);

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
        // Given: a rate that throws the adapter far away in the second step
        TrainingPlan plan = new TrainingPlan(4, 1, 1, 9, 1e30, LearningRateSchedule.CONSTANT, 0, 0, 0, 256, 0, 1);
        try (TrainingRun run = open(Rows.spec(plan, 0), Rows.of(4))) {
            run.step();
            run.saveAdapter(directory.resolve("before"));

            // When
            assertThatThrownBy(run::step)
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
