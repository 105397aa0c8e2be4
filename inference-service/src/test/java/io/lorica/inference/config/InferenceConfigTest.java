package io.lorica.inference.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import io.lorica.contracts.job.BaseQuantization;
import io.lorica.inference.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class InferenceConfigTest {

    @Test
    void pinsTheDefaults() {
        // When
        InferenceConfig config = Settings.with(Map.of());

        // Then
        assertThat(config.baseModel()).isEmpty();
        assertThat(config.baseModelsInMemory()).isEqualTo(1);
        assertThat(config.modelPatience()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.stopGrace()).isEqualTo(Duration.ofSeconds(50));
        assertThat(config.quantization()).isEqualTo(BaseQuantization.NONE);
        assertThat(config.doubleQuantization()).isFalse();
        assertThat(config.mergeAfter()).isZero();
        assertThat(config.adapterBytesInMemory().asLongValue()).isEqualTo(1L << 30);
        assertThat(config.activeSequences()).isEqualTo(8);
        assertThat(config.waitingSequences()).isEqualTo(64);
        assertThat(config.defaultMaxTokens()).isEqualTo(1200);
        assertThat(config.keepAlive()).isEqualTo(Duration.ofSeconds(15));
        assertThat(config.adapterCache()).isEqualTo(Path.of("/scratch/lorica-adapters"));
    }

    @ParameterizedTest
    @EnumSource
    void knowsEveryQuantizationByItsNameInTheApi(BaseQuantization quantization) {
        // When
        InferenceConfig config = Settings.with(Map.of("quantization", quantization.wireName()));

        // Then
        assertThat(config.quantization()).isEqualTo(quantization);
    }

    @Test
    void saysWhichQuantizationsThereAre() {
        assertThatThrownBy(() -> Settings.with(Map.of("quantization", "q4_k")))
                .hasMessageContaining("q4_k")
                .hasMessageContaining("allowed values: ")
                .hasMessageContaining("nf4");
    }

    @Test
    void mapsEveryKey() {
        // When
        InferenceConfig config = Settings.with(Map.ofEntries(
                Map.entry("base-model", "/models/one"),
                Map.entry("base-models-in-memory", "2"),
                Map.entry("model-patience", "8s"),
                Map.entry("stop-grace", "9s"),
                Map.entry("quantization", "nf4"),
                Map.entry("double-quantization", "true"),
                Map.entry("merge-after", "8"),
                Map.entry("adapter-bytes-in-memory", "3K"),
                Map.entry("active-sequences", "4"),
                Map.entry("waiting-sequences", "5"),
                Map.entry("default-max-tokens", "6"),
                Map.entry("keep-alive", "7s"),
                Map.entry("adapter-cache", "/data/adapters")));

        // Then
        assertThat(config.baseModel()).contains("/models/one");
        assertThat(config.baseModelsInMemory()).isEqualTo(2);
        assertThat(config.modelPatience()).isEqualTo(Duration.ofSeconds(8));
        assertThat(config.stopGrace()).isEqualTo(Duration.ofSeconds(9));
        assertThat(config.quantization()).isEqualTo(BaseQuantization.NF4);
        assertThat(config.doubleQuantization()).isTrue();
        assertThat(config.mergeAfter()).isEqualTo(8);
        assertThat(config.adapterBytesInMemory().asLongValue()).isEqualTo(3 << 10);
        assertThat(config.activeSequences()).isEqualTo(4);
        assertThat(config.waitingSequences()).isEqualTo(5);
        assertThat(config.defaultMaxTokens()).isEqualTo(6);
        assertThat(config.keepAlive()).isEqualTo(Duration.ofSeconds(7));
        assertThat(config.adapterCache()).isEqualTo(Path.of("/data/adapters"));
    }
}
