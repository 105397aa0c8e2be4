package io.lorica.inference.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import io.lorica.inference.Settings;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.llm.demo.DemoModel;
import io.lorica.llm.generate.GeneratedToken;
import io.lorica.llm.generate.Generation;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.Sampling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

class ModelLoaderProducerTest {

    @TempDir
    private Path directory;

    // The demo model is trained and small, so 8 bits move a token's log probability little and 4 bits more.
    @ParameterizedTest
    @CsvSource({"int8, 0.05", "nf4, 1.0", "fp4, 1.5"})
    void loadsModelsInFewBits(String quantization, double distance) {
        // Given
        DemoModel.write(directory.resolve("model"), "What colour has stone 1? It is grey. ".repeat(9));
        double full = logProbability(Settings.with(Map.of()));

        // When
        double few = logProbability(Settings.with(Map.of("quantization", quantization)));

        // Then
        assertThat(few).isNotEqualTo(full).isCloseTo(full, within(distance));
    }

    @Test
    void refusesToQuantizeScalesThatAreNot() {
        InferenceConfig config = Settings.with(Map.of("quantization", "int8", "double-quantization", "true"));
        assertThatThrownBy(() -> ModelLoaderProducer.of(config)).hasMessageContaining("set lorica.inference.quant");
    }

    @Test
    void refusesToMergeIntoFewBits() {
        InferenceConfig config = Settings.with(Map.of("quantization", "nf4", "merge-after", "1"));
        assertThatThrownBy(() -> ModelLoaderProducer.of(config)).hasMessageContaining("cannot merge into weights");
    }

    private double logProbability(InferenceConfig config) {
        Sampling greedy = new Sampling(1, 0, 1, 0, 1, List.of());
        try (LanguageModel model = ModelLoaderProducer.of(config).load(directory.resolve("model"));
                Generation generation = model.generate("What colour has stone", greedy, Optional.empty())) {
            GeneratedToken token = generation.next();
            return token.logProbability();
        }
    }
}
