package io.lorica.inference.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import io.lorica.inference.Settings;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class InferenceConfigTest {

    @Test
    void pinsTheDefaults() {
        // When
        InferenceConfig config = Settings.with(Map.of());

        // Then
        assertThat(config.baseModel()).isEmpty();
        assertThat(config.baseModelsInMemory()).isEqualTo(1);
        assertThat(config.adapterBytesInMemory().asLongValue()).isEqualTo(1L << 30);
        assertThat(config.activeSequences()).isEqualTo(8);
        assertThat(config.waitingSequences()).isEqualTo(64);
        assertThat(config.defaultMaxTokens()).isEqualTo(1200);
        assertThat(config.keepAlive()).isEqualTo(Duration.ofSeconds(15));
        assertThat(config.adapterCache()).isEqualTo(Path.of("/scratch/lorica-adapters"));
    }

    @Test
    void mapsEveryKey() {
        // When
        InferenceConfig config = Settings.with(Map.of(
                "base-model", "/models/one",
                "base-models-in-memory", "2",
                "adapter-bytes-in-memory", "3K",
                "active-sequences", "4",
                "waiting-sequences", "5",
                "default-max-tokens", "6",
                "keep-alive", "7s",
                "adapter-cache", "/data/adapters"));

        // Then
        assertThat(config.baseModel()).contains("/models/one");
        assertThat(config.baseModelsInMemory()).isEqualTo(2);
        assertThat(config.adapterBytesInMemory().asLongValue()).isEqualTo(3 << 10);
        assertThat(config.activeSequences()).isEqualTo(4);
        assertThat(config.waitingSequences()).isEqualTo(5);
        assertThat(config.defaultMaxTokens()).isEqualTo(6);
        assertThat(config.keepAlive()).isEqualTo(Duration.ofSeconds(7));
        assertThat(config.adapterCache()).isEqualTo(Path.of("/data/adapters"));
    }
}
