package io.lorica.dataset.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class DatasetConfigTest {

    @Test
    void pinsTheDefaults() {
        // When
        DatasetConfig config = read(Map.of("java.io.tmpdir", "/scratch"));

        // Then
        assertThat(config.maxFileSize().asLongValue()).isEqualTo(512L << 20);
        assertThat(config.maxLineSize().asLongValue()).isEqualTo(16L << 20);
        assertThat(config.workDirectory()).isEqualTo(Path.of("/scratch/lorica-dataset"));
        assertThat(config.minimumTrainingExamples()).isEqualTo(10);
        assertThat(config.minimumValidationExamples()).isEqualTo(1);
        assertThat(config.namedBadLines()).isEqualTo(3);
        assertThat(config.retry().firstPause()).isEqualTo(Duration.ofMillis(500));
        assertThat(config.retry().longestPause()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void mapsEveryKey() {
        // Given
        Map<String, String> all = Map.of(
                "lorica.dataset.max-file-size", "1K",
                "lorica.dataset.max-line-size", "2K",
                "lorica.dataset.work-directory", "/data/work",
                "lorica.dataset.minimum-training-examples", "3",
                "lorica.dataset.minimum-validation-examples", "4",
                "lorica.dataset.named-bad-lines", "5",
                "lorica.dataset.retry.first-pause", "6s",
                "lorica.dataset.retry.longest-pause", "7s");

        // When
        DatasetConfig config = read(all);

        // Then
        assertThat(config.maxFileSize().asLongValue()).isEqualTo(1024);
        assertThat(config.maxLineSize().asLongValue()).isEqualTo(2048);
        assertThat(config.workDirectory()).isEqualTo(Path.of("/data/work"));
        assertThat(config.minimumTrainingExamples()).isEqualTo(3);
        assertThat(config.minimumValidationExamples()).isEqualTo(4);
        assertThat(config.namedBadLines()).isEqualTo(5);
        assertThat(config.retry().firstPause()).isEqualTo(Duration.ofSeconds(6));
        assertThat(config.retry().longestPause()).isEqualTo(Duration.ofSeconds(7));
    }

    private static DatasetConfig read(Map<String, String> properties) {
        return new SmallRyeConfigBuilder()
                .addDefaultInterceptors()
                .withConverter(MemorySize.class, 100, new MemorySizeConverter())
                .withConverter(Duration.class, 200, new DurationConverter())
                .withMapping(DatasetConfig.class)
                .withSources(new PropertiesConfigSource(properties, "test", 500))
                .build()
                .getConfigMapping(DatasetConfig.class);
    }
}
