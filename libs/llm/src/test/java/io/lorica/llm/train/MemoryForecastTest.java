package io.lorica.llm.train;

import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.ActivationPolicy;
import io.lorica.llm.tensor.ElementType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class MemoryForecastTest {

    private static final LoraSpec LORA = new LoraSpec(16, 16, 0, LoraSpec.ALL_PROJECTIONS, false);
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
        MemoryForecast forecast = MemoryForecast.of(
                model.config(), LORA, ElementType.BF16, policy, new MemoryForecast.Load(batch, length), false);

        // Then: what was taken of the card, within a tenth: it must decide whether a job fits
        assertThat(forecast.withOverhead() / GIB).as(forecast.words()).isCloseTo(measured, within(measured / 10));
    }

    @Test
    void countsTheWeightsOfTheSevenBillionModel() {
        // When
        MemoryForecast forecast = MemoryForecast.of(
                RandomModel.QWEN_7B.config(),
                LORA,
                ElementType.BF16,
                ActivationPolicy.RECOMPUTE,
                new MemoryForecast.Load(1, 16),
                false);

        // Then: 7.6 billion parameters of two bytes, and 16 columns beside each of the layers' matrices
        assertThat(forecast.weights() / 2e9).isCloseTo(7.62 + 0.05, within(0.05));
    }

    @Test
    void needsLessWhereLessIsKept() {
        assertThat(tensors(ActivationPolicy.RECOMPUTE)).isLessThan(tensors(ActivationPolicy.KEEP));
        assertThat(tensors(ActivationPolicy.OFFLOAD)).isLessThan(tensors(ActivationPolicy.RECOMPUTE));
    }

    private static long tensors(ActivationPolicy policy) {
        return MemoryForecast.of(
                        RandomModel.QWEN_7B.config(),
                        LORA,
                        ElementType.BF16,
                        policy,
                        new MemoryForecast.Load(1, 16_384),
                        false)
                .tensors();
    }
}
