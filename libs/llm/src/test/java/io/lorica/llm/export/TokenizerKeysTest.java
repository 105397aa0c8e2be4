package io.lorica.llm.export;

import java.io.IOException;
import java.nio.file.Path;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.gguf.GgufFile;
import io.lorica.gguf.GgufWriter;
import io.lorica.gguf.TokenizerKeys;
import io.lorica.layout.SpecialTokens;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.tokenizer.Tokenizer;
import io.lorica.llm.weights.ModelFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// What is written is read back; that the reader agrees with the original tokenizers is proven beside it.
class TokenizerKeysTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({
        "qwen2,            qwen2,     485",
        "deepseek-r1-qwen, qwen2,     485",
        "llama-bpe,        llama-bpe, 485",
        "smollm,           smollm,    485",
        "gpt-2,            gpt-2,     485",
        "tekken,           tekken,    500",
        "sentencepiece,    default,   620"
    })
    void vocabulariesComeBackTokenForToken(String name, String pre, int size) throws IOException {
        // Given
        ModelFiles original = ModelFiles.at(Golden.gguf("vocab-" + name + ".gguf"));

        // When
        Path file = write(original.tree("tokenizer.json"), original.tree("tokenizer_config.json"), size);

        // Then
        JsonNode texts = JSON.readTree(Golden.gguf("tokens.json").toFile()).path("texts");
        try (Tokenizer expected = Tokenizer.open(original);
                Tokenizer written = Tokenizer.open(file);
                GgufFile open = GgufFile.open(file)) {
            for (JsonNode text : texts) {
                assertThat(written.encodeSequence(text.asText()))
                        .as(text.asText())
                        .isEqualTo(expected.encodeSequence(text.asText()));
            }
            assertThat(written.eosId()).isEqualTo(expected.eosId());
            assertThat(open.metadata().text("tokenizer.ggml.pre")).contains(pre);
            assertThat(open.metadata().texts("tokenizer.ggml.tokens")).hasSize(size);
        }
    }

    @Test
    void readsTheTokenizerThatTransformersSaved() throws IOException {
        // Given
        ModelFiles saved = ModelFiles.at(Golden.gguf("qwen2/layout"));

        // When
        Path file = write(saved.tree("tokenizer.json"), saved.tree("tokenizer_config.json"), 485);

        // Then
        try (GgufFile written = GgufFile.open(file);
                GgufFile reference = GgufFile.open(Golden.gguf("qwen2/qwen2.gguf"))) {
            for (String key : new String[] {"tokenizer.ggml.tokens", "tokenizer.ggml.merges"}) {
                assertThat(written.metadata().texts(key))
                        .isEqualTo(reference.metadata().texts(key));
            }
            assertThat(written.metadata().wholes("tokenizer.ggml.token_type"))
                    .isEqualTo(reference.metadata().wholes("tokenizer.ggml.token_type"));
        }
    }

    @Test
    void namesAWayToCutWordsThatIsNobodys() {
        // Given
        ModelFiles original = ModelFiles.at(Golden.gguf("vocab-gpt-2.gguf"));
        ObjectNode tree = (ObjectNode) original.tree("tokenizer.json");
        tree.putObject("pre_tokenizer").put("type", "Whitespace");

        // When // Then
        assertThatThrownBy(() -> write(tree, original.tree("tokenizer_config.json"), 485))
                .hasMessageContaining("llama.cpp has no name for the way in which it cuts words");
    }

    @Test
    void namesATokenThatTheModelDoesNotHave() {
        // Given
        ModelFiles original = ModelFiles.at(Golden.gguf("vocab-gpt-2.gguf"));

        // When // Then
        assertThatThrownBy(() -> write(original.tree("tokenizer.json"), original.tree("tokenizer_config.json"), 300))
                .hasMessageContaining("has the id 300, and the model has 300 tokens");
    }

    private Path write(JsonNode tokenizer, JsonNode config, int size) {
        GgufWriter writer = new GgufWriter();
        writer.text("general.architecture", "llama");
        new TokenizerKeys(tokenizer, SpecialTokens.read(config, MissingNode.getInstance()), size).addTo(writer);
        Path file = directory.resolve("vocabulary.gguf");
        writer.write(file);
        return file;
    }
}
