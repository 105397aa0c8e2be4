package io.lorica.llm.train;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.llm.lora.AdapterParameters;
import io.lorica.llm.memory.MemoryForecast;
import io.lorica.llm.memory.MemoryPlan;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.LoadPlan;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.model.ProjectionGroup;
import io.lorica.llm.model.TokenFormat;
import io.lorica.llm.quantize.WeightFormat;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

class MemoryForecastTest {

    private static final int NO_GRAPHS = 0;
    private static final LoraSpec LORA = new LoraSpec(16, 16, 0, LoraSpec.ALL_PROJECTIONS, false);
    private static final MemoryPlan.Storage FULL = MemoryPlan.Storage.of(ElementType.BF16);
    private static final double MIB = 1L << 20;
    private static final double GIB = 1L << 30;
    /// What the driver's context with libtorch's libraries took of the cards beside the run.
    private static final long CONTEXT = 700L << 20;

    @ParameterizedTest
    @CsvSource({
        "QWEN_7B, KEEP, FULL, FULL, 2, 2048, 27.56",
        "QWEN_7B, RECOMPUTE, FULL, FULL, 2, 2048, 17.29",
        "QWEN_7B, RECOMPUTE, FULL, FULL, 1, 16384, 20.18",
        "QWEN_7B, RECOMPUTE, NF4_DOUBLE, EIGHT_BITS, 1, 2048, 6.82",
        "QWEN_7B, OFFLOAD, NF4_DOUBLE, EIGHT_BITS, 1, 2048, 6.45",
        "QWEN_7B, RECOMPUTE, INT8, EIGHT_BITS, 1, 2048, 10.13",
        "QWEN_7B, RECOMPUTE, NF4_DOUBLE, EIGHT_BITS, 1, 65536, 23.72",
        "QWEN_7B, OFFLOAD, NF4_DOUBLE, EIGHT_BITS, 1, 65536, 11.81",
        "QWEN_1_5B, KEEP, FULL, FULL, 2, 2048, 10.00"
    })
    void agreesWithWhatAnH200Showed(
            RandomModel model,
            ActivationPolicy policy,
            WeightFormat weights,
            TokenFormat tokens,
            int batch,
            int length,
            double measured) {
        // When
        MemoryForecast forecast = onCard(
                model,
                new MemoryPlan.Storage(ElementType.BF16, weights, tokens, OptimizerKind.ADAMW),
                policy,
                MemoryPlan.Load.even(batch, length));

        // Then: what was taken of the card, within a tenth: it must decide whether a job fits
        assertThat((forecast.needed() + CONTEXT) / GIB)
                .as(forecast.toString())
                .isCloseTo(measured, within(measured / 10));
    }

    /// By how many MiB the peak of a process grew from 1 x 16 to 2 x 256 tokens: `StepBenchmark` of `small_135m` with
    /// recorded gradients in float32, one step and a heap of fixed size, glibc 2.36, two threads.
    @ParameterizedTest
    @CsvSource({"KEEP, 1303", "RECOMPUTE, 451"})
    void agreesWithWhatAProcessorTook(ActivationPolicy policy, double measured) {
        // Given
        MemoryPlan.Storage storage = MemoryPlan.Storage.of(ElementType.F32);
        MemoryPlan plan = new MemoryPlan(RandomModel.SMALL_135M.config(), LORA, storage, true, policy, true, NO_GRAPHS);

        // When
        long more = forecast(plan, MemoryPlan.Load.even(2, 256)).needed()
                - forecast(plan, MemoryPlan.Load.even(1, 16)).needed();

        // Then: within an eighth, for glibc's gaps depend on what was there before
        assertThat(more / MIB).isCloseTo(measured, within(measured / 8));
    }

    /// By how many MiB the peak of a process grew that opened a LoRA run of rank 16 on random weights of the 1.5B shape
    /// in files of bfloat16: weights, adapter and optimizer, 2 x 40 tokens to come; glibc 2.36, two threads.
    @ParameterizedTest
    @CsvSource({"BF16, 3990", "F32, 7434"})
    void agreesWithWhatLoadingALargeModelTook(ElementType type, double measured) {
        // Given
        MemoryPlan plan = new MemoryPlan(
                RandomModel.QWEN_1_5B.config(),
                LORA,
                MemoryPlan.Storage.of(type),
                false,
                ActivationPolicy.KEEP,
                true,
                NO_GRAPHS);

        // When
        double forecast = forecast(plan, MemoryPlan.Load.even(2, 40)).needed() / MIB;

        // Then: loading peaks at the weights, and the forecast is within a tenth
        assertThat(forecast).isCloseTo(measured, withinPercentage(10));
    }

    @Test
    void countsExportsThatNeedMoreThanSteps() {
        // Given
        MemoryPlan plan = smaller(NO_GRAPHS);
        Stream<MemoryPlan.Load> small = Stream.of(MemoryPlan.Load.even(1, 16));

        // When
        long exporting = MemoryForecast.of(plan, small, Stream.empty(), true).needed();

        // Then: less than a GiB beside base and adapter, as chunks of 64 MiB and the scores of the proof add up to
        MemoryForecast steps = forecast(plan, MemoryPlan.Load.even(1, 16));
        assertThat(exporting - steps.weights() - steps.adapter()).isBetween(500L << 20, 1L << 30);
    }

    @Test
    void countsTheProcessBesideTheTensorsOfASmallModel() {
        // Given
        MemoryPlan.Storage storage = MemoryPlan.Storage.of(ElementType.F32);
        ModelConfig config = ModelConfigReader.read(new ModelDirectory(Golden.directory("llama")).config());
        MemoryPlan onHost = new MemoryPlan(config, LORA, storage, false, ActivationPolicy.KEEP, true, NO_GRAPHS);
        MemoryPlan onGpu = new MemoryPlan(config, LORA, storage, false, ActivationPolicy.KEEP, false, NO_GRAPHS);

        // When
        long host = forecast(onHost, MemoryPlan.Load.even(1, 16)).needed();
        long gpu = forecast(onGpu, MemoryPlan.Load.even(1, 16)).needed();

        // Then: heap, code and threads, which a card does not hold
        assertThat((host - gpu) / MIB).isBetween(99.0, 105.0);
    }

    @ParameterizedTest
    @CsvSource({
        "FULL,FULL",
        "NF4,FULL",
        "NF4_DOUBLE,EIGHT_BITS",
        "FP4,FULL",
        "FP4_DOUBLE,FULL",
        "INT8,EIGHT_BITS",
        "FULL,EIGHT_BITS"
    })
    void countsWeightsAsTheyLieInMemory(WeightFormat format, TokenFormat tokens) throws IOException {
        // Given
        ModelDirectory directory = new ModelDirectory(Golden.directory("llama"));
        ModelConfig config = ModelConfigReader.read(directory.config());
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = ModelLoader.load(
                    scope, directory, LoadPlan.of(ElementType.F32).with(format).with(tokens));

            // When: an adapter on one projection, with some room beside its matrices
            LoraSpec small = new LoraSpec(1, 1, 0, List.of("o_proj"), false);
            MemoryForecast forecast = forecast(
                    new MemoryPlan(
                            config,
                            small,
                            new MemoryPlan.Storage(ElementType.F32, format, tokens, OptimizerKind.ADAMW),
                            false,
                            ActivationPolicy.KEEP,
                            true,
                            NO_GRAPHS),
                    MemoryPlan.Load.even(1, 16));

            // Then
            int columns = AdapterParameters.room(config, small).columns(0, ProjectionGroup.ATTENTION_OUTPUT);
            long room = (long) config.layers() * config.hiddenSize() * columns * Float.BYTES;
            assertThat((double) forecast.weights()).isCloseTo((double) (model.bytes() + room), withinPercentage(1));
        }
    }

    @Test
    void countsMomentsWhereTheyLie() {
        assertThat(adapter(OptimizerKind.ADAMW_8BIT)).isLessThan(adapter(OptimizerKind.ADAMW));
        assertThat(adapter(OptimizerKind.PAGED_ADAMW_8BIT)).isLessThan(adapter(OptimizerKind.ADAMW_8BIT));
    }

    private static long adapter(OptimizerKind optimizer) {
        return onCard(
                        RandomModel.QWEN_7B,
                        new MemoryPlan.Storage(ElementType.BF16, WeightFormat.FULL, TokenFormat.FULL, optimizer),
                        ActivationPolicy.KEEP,
                        MemoryPlan.Load.even(1, 16))
                .adapter();
    }

    @Test
    void countsTheWeightsOfTheSevenBillionModel() {
        // When
        MemoryForecast forecast =
                onCard(RandomModel.QWEN_7B, FULL, ActivationPolicy.RECOMPUTE, MemoryPlan.Load.even(1, 16));

        // Then: 7.6 billion parameters of two bytes, and 16 columns beside each of the layers' matrices
        assertThat(forecast.weights() / 2e9).isCloseTo(7.62 + 0.05, within(0.05));
    }

    @Test
    void needsLessWhereLessIsKept() {
        assertThat(needed(ActivationPolicy.RECOMPUTE)).isLessThan(needed(ActivationPolicy.KEEP));
        assertThat(needed(ActivationPolicy.OFFLOAD)).isLessThan(needed(ActivationPolicy.RECOMPUTE));
    }

    @Test
    void countsGraphsOfShortBatchesBesideThePassesOfLongOnes() {
        // Given
        MemoryPlan.Load small = MemoryPlan.Load.even(1, 1_024);
        MemoryPlan.Load large = MemoryPlan.Load.even(2, 2_048);
        MemoryPlan none = smaller(NO_GRAPHS);
        MemoryPlan graphs = smaller(2_048);

        // When
        long apart = MemoryForecast.of(graphs, Stream.of(small, large), Stream.empty())
                .needed();

        // Then
        long together = forecast(none, large).needed();
        MemoryForecast shortOnes = forecast(none, small);
        long ofGraphs = shortOnes.kept() + shortOnes.working();
        assertThat((double) (apart - together)).isCloseTo((double) ofGraphs, withinPercentage(7));
        assertThat(forecast(graphs, small).needed()).isEqualTo(shortOnes.needed());
    }

    @Test
    void countsMeasuringBesideGraphs() {
        // Given
        MemoryPlan.Load load = MemoryPlan.Load.even(1, 1_024);

        // When
        long measured = MemoryForecast.of(smaller(2_048), Stream.of(load), Stream.of(load))
                .working();

        // Then
        assertThat(measured)
                .isGreaterThan(MemoryForecast.of(smaller(NO_GRAPHS), Stream.of(load), Stream.of(load))
                        .working());
    }

    private static MemoryPlan smaller(int graphLimit) {
        return new MemoryPlan(
                RandomModel.QWEN_1_5B.config(), LORA, FULL, false, ActivationPolicy.KEEP, false, graphLimit);
    }

    private static long needed(ActivationPolicy policy) {
        return onCard(RandomModel.QWEN_7B, FULL, policy, MemoryPlan.Load.even(1, 16_384))
                .needed();
    }

    private static MemoryForecast onCard(
            RandomModel model, MemoryPlan.Storage storage, ActivationPolicy policy, MemoryPlan.Load load) {
        return forecast(new MemoryPlan(model.config(), LORA, storage, false, policy, false, NO_GRAPHS), load);
    }

    private static MemoryForecast forecast(MemoryPlan plan, MemoryPlan.Load load) {
        return MemoryForecast.of(plan, Stream.of(load), Stream.empty());
    }
}
