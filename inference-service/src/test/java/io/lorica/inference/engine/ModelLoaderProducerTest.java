package io.lorica.inference.engine;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

import io.lorica.inference.Settings;
import io.lorica.inference.config.InferenceConfig;
import io.lorica.llm.demo.DemoModel;
import io.lorica.llm.generate.Generation;
import io.lorica.llm.generate.LanguageModel;
import io.lorica.llm.generate.Sampling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ModelLoaderProducerTest {

    @TempDir
    private Path directory;

    // Embedding and head stay as they are, and each row or block of a matrix has its scale.
    @ParameterizedTest
    @CsvSource({"int8, 0.5", "nf4, 0.4", "fp4, 0.4"})
    void loadsModelsInFewBits(String quantization, double share) {
        // Given
        DemoModel.write(directory.resolve("model"), "What colour has stone 1? It is grey. ".repeat(9));
        long full = bytes(Settings.with(Map.of()));

        // When
        long few = bytes(Settings.with(Map.of("quantization", quantization)));

        // Then
        assertThat((double) few / full).isLessThan(share);
    }

    @Test
    void knowsWhetherAModelFitsBesideWhatIsThere() {
        // Given
        DemoModel.write(directory.resolve("model"), "What colour has stone 1? It is grey. ".repeat(9));

        // Then: 15 MB
        assertThat(ModelLoaderProducer.of(Settings.with(Map.of())).fits(directory.resolve("model")))
                .isTrue();
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

    private long bytes(InferenceConfig config) {
        try (LanguageModel model = ModelLoaderProducer.of(config).load(directory.resolve("model"));
                Generation generation =
                        model.generate(model.tokenize("What colour has stone"), Sampling.greedy(1), Optional.empty())) {
            assertThat(generation.next().stop()).isPresent();
            return model.bytes();
        }
    }
}
