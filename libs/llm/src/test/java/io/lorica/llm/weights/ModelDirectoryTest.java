package io.lorica.llm.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;

import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class ModelDirectoryTest {

    @TempDir
    private Path directory;

    /// transformers 5 ties a head that the weights hold only where it equals the embedding.
    @ParameterizedTest
    @CsvSource({"true, 3, true", "true, 4, false", "true, , true", "false, 3, false", "false, 4, false"})
    void believesTheWeightsWhereTheHeadIsTiedButDiffers(boolean configured, Float last, boolean tied)
            throws IOException {
        // Given
        Files.writeString(directory.resolve("config.json"), "{\"tie_word_embeddings\": " + configured + "}");
        try (TensorScope scope = TensorScope.open("test")) {
            SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("model.embed_tokens.weight", scope.floats(new float[] {1, 2, 3}, 3, 1));
            if (last != null) {
                tensors.put("lm_head.weight", scope.floats(new float[] {1, 2, last}, 3, 1));
            }
            SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors, Map.of());
        }

        // When // Then
        assertThat(new ModelDirectory(directory)
                        .config()
                        .path("tie_word_embeddings")
                        .asBoolean())
                .isEqualTo(tied);
    }
}
