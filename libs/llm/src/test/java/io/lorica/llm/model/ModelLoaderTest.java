package io.lorica.llm.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.TinyModel;
import io.lorica.llm.weights.ModelDirectory;
import io.lorica.llm.weights.ModelWeightFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ModelLoaderTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"num_hidden_layers\":2 | \"num_hidden_layers\":3 | model.layers.2.input_layernorm.weight is missing",
                "\"num_hidden_layers\":2 | \"num_hidden_layers\":1 | model.layers.1.input_layernorm.weight is unexpected",
                "\"intermediate_size\":96 | \"intermediate_size\":95 | [96, 32] instead of [95, 32]",
                "Qwen2ForCausalLM | GPT2LMHeadModel | architecture is 'GPT2LMHeadModel'",
                "\"hidden_act\":\"silu\" | \"hidden_act\":\"gelu\" | activation is 'gelu'",
                "Qwen2ForCausalLM | Qwen3ForCausalLM | but its model_type is 'qwen2'",
                "\"rope_theta\":10000.0 | \"rope_scaling\":{\"type\":\"su\"} | rope_scaling is 'su'",
                "\"rope_theta\":10000.0 | \"rope_scaling\":{\"type\":\"linear\"} | no factor above 0",
                "\"num_key_value_heads\":2 | \"num_key_value_heads\":3 | no multiple of num_key_value_heads"
            })
    void namesWhatDoesNotFit(String original, String changed, String reason) throws IOException {
        // Given
        Path files = TinyModel.qwen2().write(directory);
        Path config = files.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace(original, changed));

        // When // Then
        try (TensorScope scope = TensorScope.open("test")) {
            assertThatThrownBy(() -> ModelLoader.load(scope, new ModelDirectory(files)))
                    .hasMessageContaining(reason);
        }
    }

    @Test
    void namesATensorThatHoldsNoNumbers() throws IOException {
        // Given: the last four bytes belong to the last norm
        Path files = TinyModel.qwen2().write(directory);
        byte[] weights = Files.readAllBytes(files.resolve("model.safetensors"));
        weights[weights.length - 1] = 0x7F;
        weights[weights.length - 2] = (byte) 0xC0;
        Files.write(files.resolve("model.safetensors"), weights);

        // When // Then
        try (TensorScope scope = TensorScope.open("test")) {
            assertThatThrownBy(() -> ModelLoader.load(scope, new ModelDirectory(files)))
                    .hasMessageContaining("model.norm.weight holds values that are not finite");
        }
    }

    @ParameterizedTest
    @CsvSource({"F32, true", "F32, false", "BF16, true", "BF16, false"})
    void weightsInPlaceAreThoseOfTheFiles(ElementType stored, boolean tied) throws IOException {
        // Given
        TinyModel shape = tied ? TinyModel.qwen2() : TinyModel.llama();
        ModelDirectory source = new ModelDirectory(shape.write(directory, stored));
        try (ModelWeightFiles files = source.openWeights();
                TensorScope scope = TensorScope.open("test")) {
            CausalLm read = ModelLoader.load(scope, source, stored);

            // When
            Optional<CausalLm> inPlace = ModelLoader.inPlace(scope, source, files, type -> true);

            // Then
            assertThat(inPlace).hasValueSatisfying(model -> {
                assertThat(model.type()).isEqualTo(stored);
                assertThat(model.bytes()).isEqualTo(read.bytes());
                assertThat(logits(scope, model)).containsExactly(logits(scope, read));
            });
        }
    }

    @Test
    void weightsThatTheProcessorComputesSlowlyAreNotUsedInPlace() throws IOException {
        // Given
        ModelDirectory source = new ModelDirectory(TinyModel.qwen2().write(directory, ElementType.BF16));
        try (ModelWeightFiles files = source.openWeights();
                TensorScope scope = TensorScope.open("test")) {

            // When // Then
            assertThat(ModelLoader.inPlace(scope, source, files, type -> type == ElementType.F32))
                    .isEmpty();
            assertThat(scope.tensorCount()).isZero();
        }
    }

    private static float[] logits(TensorScope scope, CausalLm model) {
        Tensor hidden = model.hiddenStates(scope.longs(new long[] {3, 1, 4, 1, 5}, 1, 5));
        return model.logits(hidden.reshape(5, -1)).toFloatArray();
    }
}
