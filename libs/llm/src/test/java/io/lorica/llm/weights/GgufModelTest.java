package io.lorica.llm.weights;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.model.CausalLm;
import io.lorica.llm.model.ModelLoader;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Golden;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Compares with what transformers computed; `tools/golden/make_gguf_golden.py` made the files.
class GgufModelTest {

    // both sides compute in float32 and add in different orders
    private static final double LOGIT = 1e-4;

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "qwen2,          qwen2/golden.safetensors",
        "llama,          llama/golden.safetensors",
        "qwen3,          qwen3/golden.safetensors",
        "k-quants.gguf,  k-quants.safetensors"
    })
    void logitsEqualTheReference(String model, String golden) {
        try (TensorScope scope = TensorScope.open("test");
                SafetensorsFile reference = SafetensorsFile.open(Golden.gguf(golden))) {
            // Given
            Tensor tokens = reference.tensor("tokens").orElseThrow().load(scope, ElementType.I64);
            float[] expected =
                    reference.tensor("logits").orElseThrow().load(scope).toFloatArray();

            // When
            float[] logits = logits(scope, ModelFiles.at(Golden.gguf(model)), tokens);

            // Then
            assertThat(distance(logits, expected)).isLessThan(LOGIT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama", "qwen3"})
    void weightsEqualThoseOfTheHuggingFaceLayoutBitForBit(String name) {
        try (TensorScope scope = TensorScope.open("test");
                ModelWeightFiles expected =
                        ModelFiles.at(Golden.gguf(name + "/layout")).openWeights();

                // When
                ModelWeightFiles weights = ModelFiles.at(Golden.gguf(name)).openWeights()) {

            // Then
            assertThat(weights.names()).containsExactlyInAnyOrderElementsOf(expected.names());
            for (String tensor : expected.names()) {
                assertThat(weights.tensor(tensor).orElseThrow().load(scope).toFloatArray())
                        .as(tensor)
                        .isEqualTo(expected.tensor(tensor)
                                .orElseThrow()
                                .load(scope)
                                .toFloatArray());
            }
        }
    }

    @Test
    void readsAFileAsADirectory() {
        assertThat(ModelFiles.at(Golden.gguf("qwen2"))).isEqualTo(ModelFiles.at(Golden.gguf("qwen2/qwen2.gguf")));
        assertThat(ModelFiles.at(Golden.gguf("qwen2/layout"))).isInstanceOf(ModelDirectory.class);
    }

    @Test
    void leavesNoChoiceBetweenFiles() {
        assertThatThrownBy(() -> ModelFiles.at(Golden.gguf("")))
                .isInstanceOfSatisfying(
                        ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL))
                .hasMessageContaining("holds 8 GGUF files: k-quants.gguf, vocab-deepseek-r1-qwen.gguf, ");
    }

    @Test
    void writesTheTokenizerInHuggingFaceLayout() {
        // When
        ModelFiles.at(Golden.gguf("qwen2")).copyTokenizerAndGeneration(directory);

        // Then
        assertThat(directory.resolve("tokenizer.json")).exists();
        assertThat(new ModelDirectory(directory)
                        .tree("tokenizer_config.json")
                        .path("eos_token")
                        .asText())
                .isEqualTo("<|end|>");
        assertThat(new ModelDirectory(directory)
                        .generationConfig()
                        .path("eos_token_id")
                        .path(0)
                        .asInt())
                .isEqualTo(481);
    }

    @Test
    void namesAnArchitectureThatIsNotKnown() throws IOException {
        // Given: the same file under another name
        Path file = changed("qwen2/qwen2.gguf", "qwen2", "gemma");

        // When // Then
        assertThatThrownBy(() -> ModelFiles.at(file).config())
                .hasMessageContaining("its architecture is 'gemma'; choose one of llama, qwen2, qwen3");
    }

    @Test
    void namesAWayToCutWordsThatIsNotKnown() throws IOException {
        // Given
        Path file = changed("vocab-smollm.gguf", "smollm", "smelly");

        // When // Then
        assertThatThrownBy(() -> ModelFiles.at(file).read("tokenizer.json"))
                .hasMessageContaining("it cuts words in the way 'smelly'");
    }

    @Test
    void namesAKeyThatIsMissing() throws IOException {
        // Given
        Path file = changed("qwen2/qwen2.gguf", "feed_forward_length", "food_forward_length");

        // When // Then
        assertThatThrownBy(() -> ModelFiles.at(file).config())
                .hasMessageContaining("its key qwen2.feed_forward_length is missing");
    }

    private Path changed(String name, String from, String to) throws IOException {
        byte[] bytes = Files.readAllBytes(Golden.gguf(name));
        String text = new String(bytes, StandardCharsets.ISO_8859_1);
        byte[] changed = text.replaceFirst(from, to).getBytes(StandardCharsets.ISO_8859_1);
        assertThat(changed).hasSameSizeAs(bytes);
        return Files.write(directory.resolve("changed.gguf"), changed);
    }

    private static float[] logits(TensorScope scope, ModelFiles files, Tensor tokens) {
        CausalLm model = ModelLoader.load(scope, files);
        long length = Arrays.stream(tokens.shape()).sum();
        Tensor hidden = model.hiddenStates(tokens.reshape(1, length));
        return model.logits(hidden.reshape(length, -1)).toFloatArray();
    }

    private static double distance(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double largest = 0;
        for (int i = 0; i < actual.length; i++) {
            largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
        }
        return largest;
    }
}
