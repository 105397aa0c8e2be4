package io.lorica.llm.train;

import java.io.IOException;
import java.util.List;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.contracts.job.OptimizerKind;
import io.lorica.llm.lora.AdapterParameters;
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
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

class MemoryForecastTest {

    private static final LoraSpec LORA = new LoraSpec(16, 16, 0, LoraSpec.ALL_PROJECTIONS, false);
    private static final MemoryForecast.Storage FULL = MemoryForecast.Storage.of(ElementType.BF16);
    private static final double GIB = 1L << 30;

    @ParameterizedTest
    @CsvSource({
        "QWEN_7B, KEEP, 2, 2048, 27.75",
        "QWEN_7B, RECOMPUTE, 2, 2048, 18.67",
        "QWEN_1_5B, KEEP, 2, 2048, 10.28",
        "QWEN_1_5B, RECOMPUTE, 2, 2048, 5.82"
    })
    void agreesWithWhatAnH200Showed(
            RandomModel model, ActivationPolicy policy, int batch, int length, double measured) {
        // When
        MemoryForecast forecast = onCard(model, FULL, policy, new MemoryForecast.Load(batch, length));

        // Then: what was taken of the card, within a tenth: it must decide whether a job fits
        assertThat(forecast.withOverhead() / GIB).as(forecast.words()).isCloseTo(measured, within(measured / 10));
    }

    @ParameterizedTest
    @CsvSource({"FULL, 17.24", "NF4_DOUBLE, 8.85", "INT8, 11.83"})
    void agreesWithWhatAnH200ShowedOnWeightsInFewBits(WeightFormat format, double measured) {
        // When
        MemoryForecast forecast = onCard(
                RandomModel.QWEN_7B,
                new MemoryForecast.Storage(ElementType.BF16, format, TokenFormat.FULL, OptimizerKind.ADAMW),
                ActivationPolicy.RECOMPUTE,
                new MemoryForecast.Load(1, 2048));

        // Then
        assertThat(forecast.withOverhead() / GIB).as(forecast.words()).isCloseTo(measured, within(measured / 10));
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
            MemoryForecast forecast = MemoryForecast.of(
                    config,
                    small,
                    new MemoryForecast.Storage(ElementType.F32, format, tokens, OptimizerKind.ADAMW),
                    ActivationPolicy.KEEP,
                    new MemoryForecast.Load(1, 16),
                    true);

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

    @Test
    void refusesWhatCannotFitAndSaysWhatToChange() {
        // Given
        MemoryForecast forecast =
                onCard(RandomModel.QWEN_7B, FULL, ActivationPolicy.KEEP, new MemoryForecast.Load(2, 2048));

        // When // Then
        assertThatThrownBy(() -> MemoryCheck.require(forecast, 24L << 30, "cuda:0"))
                .isInstanceOfSatisfying(
                        ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.OUT_OF_MEMORY))
                .hasMessageContaining("24.0 GiB")
                .hasMessageContaining("weights 14.")
                .hasMessageContaining("gradient_checkpointing");
        assertThatCode(() -> MemoryCheck.require(forecast, 30L << 30, "cuda:0")).doesNotThrowAnyException();
    }

    private static long adapter(OptimizerKind optimizer) {
        return onCard(
                        RandomModel.QWEN_7B,
                        new MemoryForecast.Storage(ElementType.BF16, WeightFormat.FULL, TokenFormat.FULL, optimizer),
                        ActivationPolicy.KEEP,
                        new MemoryForecast.Load(1, 16))
                .adapter();
    }

    @Test
    void countsTheWeightsOfTheSevenBillionModel() {
        // When
        MemoryForecast forecast =
                onCard(RandomModel.QWEN_7B, FULL, ActivationPolicy.RECOMPUTE, new MemoryForecast.Load(1, 16));

        // Then: 7.6 billion parameters of two bytes, and 16 columns beside each of the layers' matrices
        assertThat(forecast.weights() / 2e9).isCloseTo(7.62 + 0.05, within(0.05));
    }

    @Test
    void needsLessWhereLessIsKept() {
        assertThat(tensors(ActivationPolicy.RECOMPUTE)).isLessThan(tensors(ActivationPolicy.KEEP));
        assertThat(tensors(ActivationPolicy.OFFLOAD)).isLessThan(tensors(ActivationPolicy.RECOMPUTE));
    }

    private static long tensors(ActivationPolicy policy) {
        return onCard(RandomModel.QWEN_7B, FULL, policy, new MemoryForecast.Load(1, 16_384))
                .tensors();
    }

    private static MemoryForecast onCard(
            RandomModel model, MemoryForecast.Storage storage, ActivationPolicy policy, MemoryForecast.Load load) {
        return MemoryForecast.of(model.config(), LORA, storage, policy, load, false);
    }
}
