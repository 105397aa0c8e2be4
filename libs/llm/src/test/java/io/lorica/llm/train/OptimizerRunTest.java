package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import io.lorica.contracts.dataset.TrainingExample;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.contracts.job.OptimizerSpec;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.llm.testing.ResumedRun;
import io.lorica.llm.testing.Rows;
import io.lorica.llm.testing.TinyModel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

/// Runs with every optimizer. A rank of 64 makes parameters that are large enough for 8 bits, and some that are not.
class OptimizerRunTest {

    private static final List<TrainingExample> ROWS = Rows.of(6);

    @TempDir
    private Path directory;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.qwen2().write(directory.resolve("model"));
    }

    @ParameterizedTest
    @EnumSource
    void aResumedRunEqualsTheUninterruptedBitForBit(OptimizerKind kind) throws IOException {
        // When
        ResumedRun run = ResumedRun.of(directory, model, spec(kind, 6), ROWS, 3);

        // Then
        assertThat(run.differences()).isEmpty();
    }

    @Test
    void aCheckpointOfAnotherOptimizerIsRefusedByName() {
        // Given
        try (TrainingRun run = open(spec(OptimizerKind.ADAMW_8BIT, 2), Optional.empty())) {
            run.step();
            run.saveCheckpoint(directory.resolve("checkpoint"));
        }

        // When // Then
        assertThatThrownBy(() -> open(spec(OptimizerKind.ADAMW, 2), Optional.of(directory.resolve("checkpoint"))))
                .hasMessageContaining("its optimizer is adamw_8bit, and the job wants adamw");
    }

    @Test
    void eightBitsFollowFloat32() {
        // Given
        List<Double> exact;
        try (TrainingRun run = open(spec(OptimizerKind.ADAMW, 30), Optional.empty())) {
            exact = losses(run, 30);
        }

        // When
        List<Double> bytes;
        try (TrainingRun run = open(spec(OptimizerKind.ADAMW_8BIT, 30), Optional.empty())) {
            bytes = losses(run, 30);
        }

        // Then: the first losses know nothing of the moments; later ones stay within 5 % of where training began
        assertThat(bytes.getFirst()).isEqualTo(exact.getFirst());
        assertThat(exact.getLast()).isLessThan(exact.getFirst() / 3);
        assertThat(bytes).isNotEqualTo(exact);
        for (int step = 0; step < exact.size(); step++) {
            assertThat(bytes.get(step)).isCloseTo(exact.get(step), within(0.05 * exact.getFirst()));
        }
    }

    @ParameterizedTest
    @EnumSource
    void holdsAsManyTensorsAfterManyStepsAsAfterOne(OptimizerKind kind) {
        // Given
        try (LoraTrainingRun run = (LoraTrainingRun) open(spec(kind, 8), Optional.empty())) {
            run.step();
            int afterOne = run.tensorCount();

            // When
            losses(run, 3);
            run.saveCheckpoint(directory.resolve("checkpoint"));
            losses(run, 3);

            // Then
            assertThat(run.tensorCount()).isEqualTo(afterOne);
        }
    }

    private TrainingRun open(JobSpec spec, Optional<Path> checkpoint) {
        return new LoraTrainingEngine().open(model, spec, ROWS, List.of(), checkpoint);
    }

    private static JobSpec spec(OptimizerKind kind, int steps) {
        TrainingOptions options = TrainingOptions.DEFAULTS.with(new OptimizerSpec(kind, 0.9, 0.99, 1e-8));
        LoraSpec lora = new LoraSpec(64, 64, 0.1, LoraSpec.ALL_PROJECTIONS, false);
        return Rows.spec(Rows.plan(3, 2, steps).with(options), 0.1, lora);
    }

    private static List<Double> losses(TrainingRun run, int count) {
        List<Double> losses = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            losses.add(run.step().trainLoss());
        }
        return losses;
    }
}
