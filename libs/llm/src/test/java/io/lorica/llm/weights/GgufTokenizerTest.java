package io.lorica.llm.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.tokenizer.Tokenizer;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Compares with the tokenizers that the vocabularies came from; `tools/golden/make_gguf_golden.py` made
/// the files.
class GgufTokenizerTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "deepseek-r1-qwen", "llama-bpe", "smollm", "gpt-2", "tekken", "sentencepiece"})
    void tokensEqualTheOriginalTokenizers(String name) throws IOException {
        // Given
        JsonNode golden = JSON.readTree(Golden.gguf("tokens.json").toFile());
        List<String> texts = List.of(JSON.convertValue(golden.path("texts"), String[].class));
        try (Tokenizer tokenizer = Tokenizer.open(Golden.gguf("vocab-" + name + ".gguf"))) {
            for (int i = 0; i < texts.size(); i++) {

                // When
                int[] ids = tokenizer.encodeSequence(texts.get(i));

                // Then
                int[] expected = JSON.convertValue(golden.path("ids").path(name).path(i), int[].class);
                assertThat(ids).as(texts.get(i)).isEqualTo(expected);
            }
        }
    }
}
