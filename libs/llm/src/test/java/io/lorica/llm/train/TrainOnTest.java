package io.lorica.llm.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

import io.lorica.contracts.job.AdapterStart;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LearningRateSchedule;
import io.lorica.contracts.job.LoraBias;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.StepMetrics;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.llm.lora.AdapterFiles;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.testing.Rows;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import io.lorica.llm.weights.SafetensorsFile;
import io.lorica.llm.weights.SafetensorsWriter;
import io.lorica.llm.weights.TensorSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

/// Runs on what another run has trained: its checkpoint, with which it goes on, or its adapter alone.
class TrainOnTest {

    private static final String WEIGHTS = "adapter_model.safetensors";

    @TempDir
    private Path directory;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.qwen2().write(directory.resolve("model"));
    }

    /// Plain, and one whose start changed the base.
    static Stream<LoraSpec> kinds() {
        return Stream.of(
                new LoraSpec(4, 8, 0.1, LoraSpec.ALL_PROJECTIONS, false),
                Adapters.spec(false, Adapters.options(false, LoraBias.NONE, List.of(), AdapterStart.Method.PISSA)));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void goesOnToTheSameBitsAsARunThatWasPlannedSo(LoraSpec kind) throws IOException {
        // Given: ten steps of 24 rows in batches of two are not a whole epoch
        JobSpec planned = Rows.spec(plan(20, LearningRateSchedule.CONSTANT), kind.dropout(), kind);
        try (TrainingRun straight = open(planned, RunStart.NEW)) {
            steps(straight, 20);
            straight.saveCheckpoint(directory.resolve("straight"));
        }
        try (TrainingRun first = open(withSteps(planned, 10), RunStart.NEW)) {
            steps(first, 10);
            first.saveCheckpoint(directory.resolve("ten"));
        }

        // When
        try (TrainingRun more = open(planned, new RunStart.SavedRun(directory.resolve("ten")))) {
            steps(more, 10);
            more.saveCheckpoint(directory.resolve("twenty"));

            // Then
            assertThat(more.finished()).isTrue();
        }
        assertThat(List.of(WEIGHTS, "optimizer.safetensors", "trainer_state.json"))
                .allSatisfy(file -> assertThat(Files.mismatch(
                                directory.resolve("straight").resolve(file),
                                directory.resolve("twenty").resolve(file)))
                        .as(file)
                        .isEqualTo(-1));
    }

    @Test
    void goesOnWithTheScheduleOverTheNewTotal() {
        // Given
        JobSpec ten = Rows.spec(plan(10, LearningRateSchedule.LINEAR), 0);
        try (TrainingRun first = open(ten, RunStart.NEW)) {
            steps(first, 10);
            first.saveCheckpoint(directory.resolve("ten"));
        }
        JobSpec twenty = withSteps(ten, 20);
        LearningRate planned = LearningRate.of(twenty.plan(), 20);

        // When
        try (TrainingRun more = open(twenty, new RunStart.SavedRun(directory.resolve("ten")))) {
            List<StepMetrics> steps = steps(more, 10);

            // Then
            assertThat(steps).extracting(StepMetrics::step).startsWith(11).endsWith(20);
            assertThat(steps).allSatisfy(step -> assertThat(step.learningRate()).isEqualTo(planned.at(step.step())));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void beginsANewRunWithTheWeightsOfAnAdapter(LoraSpec kind) throws IOException {
        // Given
        JobSpec parent = Rows.spec(plan(10, LearningRateSchedule.LINEAR), 0, kind);
        double measured;
        try (TrainingRun first = open(parent, RunStart.NEW)) {
            steps(first, 10);
            measured = first.evaluate().orElseThrow().loss();
            first.saveAdapter(directory.resolve("adapter"));
        }
        LoraSpec shape = AdapterFiles.spec(directory.resolve("adapter"));
        JobSpec child =
                Rows.spec(plan(6, LearningRateSchedule.LINEAR), 0.1, shape).withSeed(5);

        // When
        try (TrainingRun run = open(child, new RunStart.TrainedAdapter(directory.resolve("adapter")))) {

            // Then: merged into the base and taken out of it again, a start from singular vectors is rounded
            assertThat(run.evaluate().orElseThrow().loss()).isCloseTo(measured, within(1e-4));
            assertThat(run.completedSteps()).isZero();
            List<StepMetrics> steps = steps(run, 3);
            assertThat(steps.getFirst().trainedTokens())
                    .isLessThan(steps.getLast().trainedTokens());
            run.saveCheckpoint(directory.resolve("three"));
            steps(run, 3);
            run.saveCheckpoint(directory.resolve("straight"));
        }
        try (TrainingRun resumed = open(child, new RunStart.SavedRun(directory.resolve("three")))) {
            steps(resumed, 3);
            resumed.saveCheckpoint(directory.resolve("resumed"));
        }
        assertThat(Files.mismatch(
                        directory.resolve("straight").resolve(WEIGHTS),
                        directory.resolve("resumed").resolve(WEIGHTS)))
                .isEqualTo(-1);
    }

    /// As other tools save adapters of models in 16 bits.
    @ParameterizedTest
    @EnumSource(names = {"F32", "BF16", "F16"})
    void beginsWithTheWeightsOfAnAdapterInAnyTypeAndLearns(ElementType stored) throws IOException {
        // Given
        LoraSpec shape = new LoraSpec(4, 8, 0, LoraSpec.ALL_PROJECTIONS, false);
        try (TrainingRun first = open(Rows.spec(plan(10, LearningRateSchedule.LINEAR), 0, shape), RunStart.NEW)) {
            steps(first, 10);
            first.saveAdapter(directory.resolve("first"));
        }
        Path foreign = Files.createDirectories(directory.resolve("foreign"));
        Files.copy(directory.resolve("first/adapter_config.json"), foreign.resolve("adapter_config.json"));
        rewrite(directory.resolve("first").resolve(WEIGHTS), foreign.resolve(WEIGHTS), stored);
        JobSpec child = Rows.spec(plan(20, LearningRateSchedule.CONSTANT), 0, shape);

        // When
        try (TrainingRun run = open(child, new RunStart.TrainedAdapter(foreign))) {
            run.saveAdapter(directory.resolve("begun"));
            double before = run.evaluate().orElseThrow().loss();
            List<StepMetrics> steps = steps(run, 20);

            // Then
            assertThat(values(directory.resolve("begun").resolve(WEIGHTS)))
                    .usingRecursiveComparison()
                    .isEqualTo(values(foreign.resolve(WEIGHTS)));
            assertThat(steps.getLast().trainLoss()).isLessThan(steps.getFirst().trainLoss());
            assertThat(run.evaluate().orElseThrow().loss()).isNotEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"peft-gaussian", "peft-dora-rslora", "peft-bias-all", "peft-modules", "peft-patterns"})
    void readsTheWeightsThatPeftSaved(String golden) throws IOException {
        // Given
        Path adapter = Golden.directory(golden + "/end");
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm base = ModelLoader.load(scope, new ModelDirectory(Golden.directory(Golden.baseOf(golden))));

            // When
            AdapterFiles.requireFit(adapter, base.config());
            AdapterParameters read = AdapterFiles.trainable(scope, adapter, base, AdapterFiles.spec(adapter));
            AdapterFiles.write(directory.resolve("again"), read, AdapterFiles.spec(adapter), "base");
        }

        // Then
        assertThat(values(directory.resolve("again").resolve(WEIGHTS)))
                .usingRecursiveComparison()
                .isEqualTo(values(adapter.resolve(WEIGHTS)));
    }

    private static void rewrite(Path from, Path to, ElementType type) {
        try (SafetensorsFile file = SafetensorsFile.open(from)) {
            SafetensorsWriter.write(
                    to,
                    file.names().stream()
                            .map(name -> TensorSource.of(name, file.tensor(name).orElseThrow()))
                            .toList(),
                    type,
                    Map.of());
        }
    }

    private static Map<String, float[]> values(Path weights) {
        Map<String, float[]> values = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(weights);
                TensorScope scope = TensorScope.open("values")) {
            file.names()
                    .forEach(name -> values.put(
                            name,
                            file.tensor(name)
                                    .orElseThrow()
                                    .load(scope)
                                    .to(ElementType.F32)
                                    .toFloatArray()));
        }
        return values;
    }

    @Test
    void refusesAnAdapterOfAnotherShape() {
        // Given
        JobSpec spec = Rows.spec(plan(2, LearningRateSchedule.LINEAR), 0);
        try (TrainingRun first = open(spec, RunStart.NEW)) {
            first.saveAdapter(directory.resolve("adapter"));
        }
        JobSpec wider = Rows.spec(spec.plan(), 0, new LoraSpec(8, 8, 0, LoraSpec.ALL_PROJECTIONS, false));

        // When // Then
        assertThatThrownBy(() -> open(wider, new RunStart.TrainedAdapter(directory.resolve("adapter"))))
                .hasMessageContaining("another shape");
    }

    private TrainingRun open(JobSpec spec, RunStart start) {
        return new LoraTrainingEngine().open(model, spec, Rows.of(24), Rows.of(3), start, PreparationProgress.SILENT);
    }

    private static JobSpec withSteps(JobSpec spec, int steps) {
        return Rows.spec(plan(steps, spec.plan().schedule()), spec.lora().dropout(), spec.lora());
    }

    private static TrainingPlan plan(int steps, LearningRateSchedule schedule) {
        return new TrainingPlan(2, 1, 1, steps, 1e-2, schedule, 0, 0.01, 1.0, 256, 0, 1, null);
    }

    private static List<StepMetrics> steps(TrainingRun run, int count) {
        List<StepMetrics> steps = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            steps.add(run.step());
        }
        return steps;
    }
}
