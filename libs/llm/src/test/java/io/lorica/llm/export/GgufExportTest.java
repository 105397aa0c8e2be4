package io.lorica.llm.export;

import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import io.lorica.gguf.GgufFile;
import io.lorica.gguf.GgufTensor;
import io.lorica.gguf.TensorEncoding;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.tokenizer.ChatTemplate;
import io.lorica.llm.weights.ModelFiles;
import io.lorica.llm.weights.ModelWeightFiles;
import io.lorica.llm.weights.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// What is written is read back; that the reader agrees with Python's gguf and transformers is proven beside it.
class GgufExportTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "qwen2, F32, 0",
        "llama, F32, 0",
        "qwen3, F32, 0",
        // half a unit in the last place: 2^-11 and 2^-8 of the number
        "llama, F16, 0.00048828125",
        "llama, BF16, 0.00390625"
    })
    void weightsComeBackRoundedOnce(String name, TensorEncoding encoding, double relative) {
        // Given
        ModelFiles source = ModelFiles.at(Golden.gguf(name + "/layout"));
        Path file = directory.resolve("model.gguf");

        // When
        GgufExport.model(source, file, "tiny", encoding);

        // Then
        try (TensorScope scope = TensorScope.open("test");
                ModelWeightFiles expected = source.openWeights();
                ModelWeightFiles written = ModelFiles.at(file).openWeights()) {
            assertThat(written.names()).containsExactlyInAnyOrderElementsOf(expected.names());
            for (String tensor : expected.names()) {
                float[] before = values(scope, expected, tensor);
                float[] after = values(scope, written, tensor);
                for (int i = 0; i < before.length; i++) {
                    assertThat(Math.abs((double) after[i] - before[i]))
                            .as(tensor)
                            .isLessThanOrEqualTo(relative * Math.abs(before[i]));
                }
            }
        }
    }

    @Test
    void blocksOfEightBitsAreThoseOfTheReference() {
        // Given: what Python's gguf quantised, which then are numbers that blocks of 8 bits hold
        ModelFiles source = ModelFiles.at(Golden.gguf("qwen2"));
        Path file = directory.resolve("model.gguf");

        // When
        GgufExport.model(source, file, "tiny", TensorEncoding.Q8_0);

        // Then
        try (GgufFile reference = GgufFile.open(Golden.gguf("qwen2/qwen2.gguf"));
                GgufFile written = GgufFile.open(file)) {
            for (GgufTensor tensor : reference.tensors().values()) {
                if (tensor.encoding() == TensorEncoding.Q8_0) {
                    assertThat(written.tensor(tensor.name())
                                    .orElseThrow()
                                    .bytes()
                                    .get()
                                    .mismatch(tensor.bytes().get()))
                            .as(tensor.name())
                            .isEqualTo(-1);
                }
            }
            assertThat(written.tensor("blk.0.attn_norm.weight").orElseThrow().encoding())
                    .isEqualTo(TensorEncoding.F32);
            assertThat(written.metadata().whole("general.file_type")).hasValue(7);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama", "qwen3"})
    void configurationComesBack(String name) {
        // Given
        ModelFiles source = ModelFiles.at(Golden.gguf(name));
        Path file = directory.resolve("model.gguf");

        // When
        GgufExport.model(source, file, "tiny", TensorEncoding.F16);

        // Then
        assertThat(ModelFiles.at(file).config()).isEqualTo(source.config());
        assertThat(ModelFiles.at(file).generationConfig()).isEqualTo(source.generationConfig());
    }

    @Test
    void chatTemplatesComeBack() {
        // Given
        ModelFiles source = ModelFiles.at(Golden.gguf("qwen2"));
        Path file = directory.resolve("model.gguf");

        // When
        GgufExport.model(source, file, "tiny", TensorEncoding.F16);

        // Then
        JsonNode before = source.tree("tokenizer_config.json").path("chat_template");
        assertThat(ModelFiles.at(file).tree("tokenizer_config.json").path("chat_template"))
                .isEqualTo(before);
        assertThat(ChatTemplate.open(file)).isNotNull();
    }

    @Test
    void adaptersHaveLlamaCppsNamesAndOrderOfRows() {
        // Given: a Llama, whose rows of queries change places
        ModelFiles base = ModelFiles.at(Golden.directory("llama"));
        Path file = directory.resolve("adapter.gguf");

        // When
        GgufExport.adapter(Golden.directory("llama/end"), base, file, "adapter", TensorEncoding.F32);

        // Then
        try (TensorScope scope = TensorScope.open("test");
                SafetensorsFile peft = SafetensorsFile.open(Golden.directory("llama/end/adapter_model.safetensors"));
                GgufFile written = GgufFile.open(file)) {
            assertThat(written.metadata().text("general.type")).contains("adapter");
            assertThat(written.metadata().text("adapter.type")).contains("lora");
            assertThat(written.metadata().text("general.architecture")).contains("llama");
            assertThat(written.tensors()).hasSize(peft.names().size());
            String path = "base_model.model.model.layers.1.self_attn.q_proj.lora_";
            float[] b = peft.tensor(path + "B.weight").orElseThrow().load(scope).toFloatArray();
            float[] a = peft.tensor(path + "A.weight").orElseThrow().load(scope).toFloatArray();
            assertThat(floats(written, "blk.1.attn_q.weight.lora_a")).isEqualTo(a);
            int rank = a.length / 32;
            float[] rows = floats(written, "blk.1.attn_q.weight.lora_b");
            // heads of 8: llama.cpp's rows 0, 1, 2 are Hugging Face's 0, 4, 1
            assertThat(List.of(rows[0], rows[rank], rows[2 * rank])).containsExactly(b[0], b[4 * rank], b[rank]);
        }
    }

    @Test
    void refusesWhatLlamaCppsAdaptersCannotHold() {
        // Given
        ModelFiles base = ModelFiles.at(Golden.directory("qwen2"));

        // When // Then
        assertThatThrownBy(() -> GgufExport.adapter(
                        Golden.directory("peft-dora/end"),
                        base,
                        directory.resolve("adapter.gguf"),
                        "adapter",
                        TensorEncoding.F16))
                .hasMessageContaining("no learned magnitudes (DoRA)");
    }

    @Test
    void refusesAnEncodingThatItDoesNotWrite() {
        assertThatThrownBy(() -> GgufExport.model(
                        ModelFiles.at(Golden.gguf("qwen2")),
                        directory.resolve("model.gguf"),
                        "tiny",
                        TensorEncoding.Q4_K))
                .hasMessageContaining("not in Q4_K");
    }

    private static float[] values(TensorScope scope, ModelWeightFiles weights, String name) {
        return weights.tensor(name).orElseThrow().load(scope).toFloatArray();
    }

    private static float[] floats(GgufFile file, String name) {
        GgufTensor tensor = file.tensor(name).orElseThrow();
        return tensor.bytes().get().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
    }
}
