package io.lorica.llm.lora;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.contracts.job.LoraSpec;
import io.lorica.llm.model.ModelConfig;
import io.lorica.llm.model.ModelConfigReader;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.weights.ModelDirectory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class AdapterFilesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    static List<String> adapters() throws IOException {
        return Golden.adapters();
    }

    @ParameterizedTest
    @MethodSource("adapters")
    void writesWhatItReadFromPeft(String name) throws IOException {
        // Given
        Path original = Golden.directory(name).resolve("end");
        try (TensorScope scope = TensorScope.open("test")) {
            ModelConfig model = config(Golden.baseOf(name));
            AdapterParameters read = AdapterFiles.read(scope, original, model);
            LoraSpec spec = AdapterConfig.read(tree(original)).spec();

            // When
            AdapterFiles.write(directory, read, spec, "qwen2");

            // Then
            LoraSpec written = AdapterConfig.read(tree(directory)).spec();
            assertThat(AdapterLayout.of(model, written)).isEqualTo(AdapterLayout.of(model, spec));
            assertThat(written.extras().dora()).isEqualTo(spec.extras().dora());
            Map<String, Tensor> again =
                    AdapterFiles.read(scope, directory, model).named();
            assertThat(again.keySet()).isEqualTo(read.named().keySet());
            read.named()
                    .forEach((tensor, values) -> assertThat(again.get(tensor).toFloatArray())
                            .as(tensor)
                            .isEqualTo(values.toFloatArray()));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "use_dora | true | lora_magnitude_vector is missing",
                "bias | \"all\" | q_proj.bias is missing",
                "bias | \"some\" | its bias is 'some'",
                "modules_to_save | [\"lm_head\"] | lm_head.weight is missing",
                "modules_to_save | [\"mlp\"] | which the model does not have",
                "modules_to_save | [\"q_proj\"] | which is a projection",
                "exclude_modules | [\"k_proj\"] | unexpected tensor",
                "lora_bias | true | uses lora_bias",
                "r | 3 | and the model needs [3, 32]",
                "layers_to_transform | [7] | names layer 7; the model has 2",
                "layers_to_transform | [0] | unexpected tensor",
                "rank_pattern | {\"q_proj\":3} | and the model needs [3, 32]",
                "rank_pattern | {\"(\":3} | not a regular expression",
                "target_modules | \"nothing\" | match no projection",
                "init_lora_weights | \"pissa\" | weights that PiSSA changed"
            })
    void namesWhatDoesNotFit(String field, String value, String reason) throws IOException {
        // Given
        Path original = Golden.directory("qwen2").resolve("start");
        Files.copy(original.resolve(AdapterFiles.WEIGHTS), directory.resolve(AdapterFiles.WEIGHTS));
        ObjectNode config = (ObjectNode) tree(original);
        config.set(field, JSON.readTree(value));
        JSON.writeValue(directory.resolve(AdapterFiles.CONFIG).toFile(), config);

        // When // Then
        try (TensorScope scope = TensorScope.open("test")) {
            ModelConfig model = config("qwen2");
            assertThatThrownBy(() -> AdapterFiles.read(scope, directory, model)).hasMessageContaining(reason);
        }
    }

    private static JsonNode tree(Path adapter) throws IOException {
        return JSON.readTree(Files.readString(adapter.resolve(AdapterFiles.CONFIG)));
    }

    private static ModelConfig config(String model) {
        return ModelConfigReader.read(new ModelDirectory(Golden.directory(model)).config());
    }
}
