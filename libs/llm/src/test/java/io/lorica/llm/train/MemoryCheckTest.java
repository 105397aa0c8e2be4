package io.lorica.llm.train;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.BaseQuantization;
import io.lorica.contracts.job.ComputeType;
import io.lorica.contracts.job.JobSpec;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.MemoryUse;
import io.lorica.contracts.job.PrecisionSpec;
import io.lorica.contracts.job.TrainingOptions;
import io.lorica.contracts.job.TrainingPlan;
import io.lorica.llm.cuda.Cuda;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.lora.FreshAdapter;
import io.lorica.llm.memory.FreeMemory;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorDevice;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Adapters;
import io.lorica.llm.testing.Rows;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelFiles;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

class MemoryCheckTest {

    private static final String SWITCH = "lorica.memory-check";
    private static final JobSpec SPEC = Rows.spec(Rows.plan(2, 1, 2), 0);

    @TempDir
    private Path directory;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyModel.qwen2().write(directory.resolve("model"));
    }

    @AfterEach
    void resetSwitch() {
        System.clearProperty(SWITCH);
    }

    @Test
    void refusesWeightsThatCannotFitBeforeTheyAreRead() throws IOException {
        // Given
        Files.delete(model.resolve("model.safetensors"));

        // When // Then
        assertRefused(1_000);
    }

    @Test
    void refusesRowsThatCannotFitOnceTheyAreKnown() {
        // Given: room for weights and adapter, and for a quarter of the rest
        MemoryUse use = forecast(SPEC, 4);
        long least = use.weights() + use.adapter() + (use.kept() + use.working()) / 4;

        // When // Then
        assertRefused(least);
    }

    private void assertRefused(long free) {
        assertThatThrownBy(() -> open(SPEC, 4, new FreeMemory.Known(free)))
                .isInstanceOfSatisfying(
                        ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OUT_OF_MEMORY))
                .hasMessageContaining(MemoryUse.words(free) + " are free on " + TensorDevice.current())
                .hasMessageContaining("weights ")
                .hasMessageContaining("gradient_checkpointing");
    }

    @Test
    void letsEveryRunBeginWhereItIsSwitchedOff() {
        // Given
        System.setProperty(SWITCH, "false");

        // When
        try (TrainingRun run = open(SPEC, 4, new FreeMemory.Known(1_000))) {

            // Then
            assertThat(run.forecast().free()).isEqualTo(1_000);
        }
    }

    @Test
    void refusesToGuessWhatAMisspeltSwitchMeans() {
        // Given
        System.setProperty(SWITCH, "flase");

        // When // Then
        assertThatThrownBy(() -> forecast(SPEC, 4)).hasMessageContaining(SWITCH + " is 'flase'");
    }

    @Test
    void letsARunBeginThatNobodyCanBeAskedAboutAndSaysSo() {
        // When
        try (TrainingRun run = open(SPEC, 4, new FreeMemory.Unknown("there is no NVRTC"))) {

            // Then
            assertThat(run.forecast().sentence()).contains("could not be asked", "unchecked: there is no NVRTC");
        }
    }

    @Test
    void comparesTheForecastWithWhatTheProcessTook() {
        assumeFalse(
                TensorDevice.current().gpu() && !Cuda.available(),
                "without the driver's own word nobody tells what is taken");
        // Given: a run on a Linux, and memory that grows meanwhile by more than a virtual machine might give back
        try (TrainingRun run = open(SPEC, 4, FreeMemory.ofDevice());
                Arena arena = Arena.ofConfined()) {
            arena.allocate(256L << 20).fill((byte) 1);

            // When
            Optional<MemoryUse> taken = run.memoryTaken();

            // Then
            assertThat(taken).hasValueSatisfying(use -> {
                assertThat(use.measured()).isPositive();
                assertThat(use.sentence())
                        .startsWith("At its peak the job took ")
                        .contains(" times the forecast of ");
            });
        }
    }

    @Test
    void countsTokensOfUnevenRowsAsTheyPass() {
        // Given: by hand padding is left out, and of eight rows in one step all pass at once
        List<TokenizedExample> rows = IntStream.of(30, 1, 1, 1, 1, 1, 1, 28)
                .mapToObj(length -> new TokenizedExample(length, new int[length], 0, length))
                .toList();
        TrainingPlan plan = Rows.plan(2, 4, 3);

        // When
        List<List<Window>> parts =
                new Windows(rows, false, 64, 8, 3).parts(plan).toList();

        // Then: three epochs of four parts, and in none of them are there two rows as long as the longest
        assertThat(parts).hasSize(12).allSatisfy(part -> assertThat(part).hasSize(2));
        assertThat(parts.stream()
                        .mapToInt(part -> part.stream().mapToInt(Window::length).sum()))
                .allMatch(tokens -> tokens <= 58)
                .contains(31);
    }

    @Test
    void forecastsLayersThatAreComputedOnceMoreForWeightsInFewBits() {
        // Given
        TrainingOptions options = TrainingOptions.DEFAULTS.with(
                new PrecisionSpec(ComputeType.BFLOAT16, BaseQuantization.NF4, true, false));
        TrainingPlan plan = Rows.plan(2, 1, 2).with(options);
        LoadPlan load = LoadPlan.of(ElementType.BF16).with(WeightFormat.NF4_DOUBLE);

        // When
        GradientChoice byHand = choice(Rows.spec(plan, 0), load);
        GradientChoice recorded = choice(Rows.spec(plan, 0.1), load);

        // Then
        assertThat(byHand).isEqualTo(new GradientChoice(Optional.empty(), ActivationPolicy.KEEP));
        assertThat(recorded).isEqualTo(new GradientChoice(Optional.of("dropout"), ActivationPolicy.RECOMPUTE));
    }

    static Stream<LoraSpec> kinds() {
        return Adapters.kinds().stream();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void forecastsTheChoiceThatTheLoadedModelMakes(LoraSpec kind) {
        // Given
        JobSpec spec = Rows.spec(Rows.plan(2, 1, 2), 0, kind);
        try (TensorScope scope = TensorScope.open("test")) {
            ModelFiles files = ModelFiles.at(model);
            LoadPlan load = LoadPlan.of(ElementType.F32).with(AdapterParameters.room(config(), spec.lora()));
            CausalLm base = ModelLoader.load(scope, files, load);
            AdapterParameters adapter = FreshAdapter.create(scope, base, spec.lora(), 7);

            // When // Then
            assertThat(choice(spec, load)).isEqualTo(GradientChoice.of(base, adapter, spec));
            assertThat(forecast(spec, 4).adapter()).isGreaterThan(2 * adapter.bytes());
        }
    }

    @Test
    void needsMoreForWhatIsTrainedWhole() {
        // Given
        List<LoraSpec> kinds = Adapters.kinds();
        LoraSpec plain = kinds.getFirst();
        LoraSpec whole = kinds.stream()
                .filter(kind -> !kind.extras().modulesToSave().isEmpty())
                .findFirst()
                .orElseThrow();

        // When
        MemoryUse less = forecast(Rows.spec(Rows.plan(2, 1, 2), 0, plain), 4);
        MemoryUse more = forecast(Rows.spec(Rows.plan(2, 1, 2), 0, whole), 4);

        // Then
        assertThat(more.adapter()).isGreaterThan(less.adapter());
        assertThat(more.kept()).as("recorded layers keep more").isGreaterThan(less.kept());
    }

    private GradientChoice choice(JobSpec spec, LoadPlan load) {
        return GradientChoice.of(config(), spec, load);
    }

    private ModelConfig config() {
        return ModelConfigReader.read(ModelFiles.at(model).config());
    }

    private MemoryUse forecast(JobSpec spec, int rows) {
        try (TrainingRun run = open(spec, rows, new FreeMemory.Known(1L << 40))) {
            return run.forecast();
        }
    }

    private TrainingRun open(JobSpec spec, int rows, FreeMemory free) {
        return new LoraTrainingEngine(() -> free).open(model, spec, Rows.of(rows), List.of(), Optional.empty());
    }
}
