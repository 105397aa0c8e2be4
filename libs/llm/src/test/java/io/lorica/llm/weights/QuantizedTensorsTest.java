package io.lorica.llm.weights;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

import io.lorica.contracts.error.ProductException;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.Autograd;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

/// Checkpoints that bitsandbytes and recipes of FP8 stored, against their own numbers:
/// `tools/golden/make_stored_quantization.py` made the files.
class QuantizedTensorsTest {

    private static final Offset<Float> EXACT = within(0f);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nf4",
                "nf4-double",
                "nf4-float16",
                "nf4-storage",
                "fp4-float32",
                "int8",
                "fp8-block",
                "fp8-tensor",
                "compressed-channel",
                "compressed-tensor",
                "compressed-block"
            })
    void numbersEqualThoseOfWhatStoredThem(String form) {
        try (ModelWeightFiles model = ModelFiles.at(directory(form)).openWeights();
                SafetensorsFile values = SafetensorsFile.open(directory(form).resolve("values.safetensors"));
                TensorScope scope = TensorScope.open("test")) {
            // Then: what serves the matrices is not seen, and what is stored as it is stays so
            assertThat(model.names()).hasSize(3).containsAll(values.names()).contains("model.norm.weight");
            assertThat(model.tensor("model.norm.weight").orElseThrow().decoded())
                    .isFalse();
            for (String name : values.names()) {
                StoredTensor stored = model.tensor(name).orElseThrow();
                StoredTensor expected = values.tensor(name).orElseThrow();

                // When
                float[] numbers = stored.load(scope).toFloatArray();

                // Then: exactly; a zero may have either sign
                assertThat(stored.shape()).isEqualTo(expected.shape());
                assertThat(numbers).containsExactly(expected.load(scope).toFloatArray(), EXACT);
                assertThat(stored.load(scope, ElementType.BF16).toFloatArray())
                        .containsExactly(expected.load(scope, ElementType.BF16).toFloatArray(), EXACT);
                assertThat(stored.loadRows(scope, ElementType.F32, 5, 7).toFloatArray())
                        .containsExactly(
                                expected.loadRows(scope, ElementType.F32, 5, 7).toFloatArray(), EXACT);
            }
        }
    }

    @Test
    void aModelThatTransformersQuantisedScoresTokensAsThere() {
        // Given
        try (SafetensorsFile golden =
                        SafetensorsFile.open(directory("model-nf4").resolve("scores.safetensors"));
                TensorScope scope = TensorScope.open("test");
                Autograd off = Autograd.off()) {
            CausalLm model = ModelLoader.load(scope, ModelFiles.at(directory("model-nf4")));
            float[] expected = golden.tensor("logits").orElseThrow().load(scope).toFloatArray();
            long[] tokens = new long[16];
            for (int i = 0; i < tokens.length; i++) {
                tokens[i] = i + 3;
            }

            // When
            Tensor input = scope.longs(tokens, 1, tokens.length);
            float[] scores = model.nextTokenLogits(input, model.newCache(scope)).toFloatArray();

            // Then: float32 sums in another order
            int vocabulary = scores.length;
            for (int token = 0; token < vocabulary; token++) {
                assertThat(scores[token]).isCloseTo(expected[expected.length - vocabulary + token], within(1e-4f));
            }
        }
    }

    @Test
    void aModelOfEightBitsIsLoaded() {
        try (TensorScope scope = TensorScope.open("test")) {
            CausalLm model = ModelLoader.load(scope, ModelFiles.at(directory("model-int8")));
            assertThat(model.config().vocabularySize()).isEqualTo(64);
        }
    }

    @Test
    void namesAMatrixWhoseScalesAreMissing(@TempDir Path broken) throws IOException {
        // Given: weights in FP8 whose scales are those of another recipe
        Files.copy(directory("fp8-block").resolve("model.safetensors"), broken.resolve("model.safetensors"));
        Files.copy(directory("fp8-tensor").resolve("config.json"), broken.resolve("config.json"));

        // When // Then
        try (ModelWeightFiles model = ModelFiles.at(broken).openWeights()) {
            assertThatExceptionOfType(ProductException.class)
                    .isThrownBy(() -> model.tensor("model.layers.0.self_attn.o_proj.weight"))
                    .withMessageContaining("self_attn.o_proj.weight cannot be read")
                    .withMessageContaining("its 4 scales fit neither its rows nor blocks");
        }
    }

    private static Path directory(String form) {
        return Path.of(
                URI.create(String.valueOf(QuantizedTensorsTest.class.getResource("/stored-quantization/" + form))));
    }
}
