package io.lorica.llm.tokenizer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorica.llm.weights.ModelFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Files that say different things of one tokenizer. The ids are those of transformers 5.24, whose vocabulary of
/// `qwen2` ends at 566.
class TokenizerFilesTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path model;

    private ObjectNode config;

    @BeforeEach
    void copyTokenizer() throws IOException {
        Path source = Path.of(URI.create(String.valueOf(TokenizerFilesTest.class.getResource("/tokenizers/qwen2"))));
        Files.copy(source.resolve("tokenizer.json"), model.resolve("tokenizer.json"));
        config = (ObjectNode)
                JSON.readTree(source.resolve("tokenizer_config.json").toFile());
    }

    @Test
    void addsTokensThatOnlyTheConfigurationLists() {
        // Given
        ObjectNode added = config.putObject("added_tokens_decoder");
        token(added, "600", "<new>", true);
        token(added, "599", "<plain>", false);
        token(added, "561", "<|im_start|>", false);
        token(added, "3", "Ġ", false);

        // When
        try (Tokenizer tokenizer = open()) {
            int[] ids = tokenizer.encode("a<new>b<plain>c <|im_start|>");

            // Then: free ids in the order of those that are given
            assertThat(ids).containsExactly(64, 568, 65, 567, 66, 220, 561);
            assertThat(tokenizer.decodeWhole(ids)).isEqualTo("a<new>b<plain>c <|im_start|>");
            assertThat(tokenizer.decode(ids)).isEqualTo("ab<plain>c ");
        }
    }

    @Test
    void addsTokensOfTheOlderFile() throws IOException {
        // Given
        Files.writeString(model.resolve("added_tokens.json"), "{\"<q>\": 700, \"<|im_end|>\": 563}");

        // When
        try (Tokenizer tokenizer = open()) {

            // Then
            assertThat(tokenizer.encode("<q>")).containsExactly(567);
            assertThat(tokenizer.decode(new int[] {567})).isEqualTo("<q>");
        }
    }

    @Test
    void addsSpecialTokensThatNoListHas() {
        // Given
        config.put("eos_token", "<|fin|>");
        config.putArray("additional_special_tokens").add("<x>");

        // When
        try (Tokenizer tokenizer = open()) {

            // Then
            assertThat(tokenizer.eosId()).isEqualTo(567);
            assertThat(tokenizer.encode("<x>")).containsExactly(568);
            assertThat(tokenizer.decode(new int[] {567, 568})).isEmpty();
        }
    }

    @Test
    void leavesTheOlderMapAsideWhereTheConfigurationListsItsTokens() throws IOException {
        // Given
        config.remove("eos_token");
        token(config.putObject("added_tokens_decoder"), "560", "<|endoftext|>", true);
        Files.writeString(model.resolve("special_tokens_map.json"), "{\"eos_token\": \"<|im_end|>\"}");

        // When // Then
        assertThatThrownBy(this::open)
                .hasMessageContaining("no file names its end-of-sequence token")
                .hasMessageContaining("special_tokens_map.json");
    }

    @Test
    void takesTheEndThatAnswersEndWithWhereTheTokenizerNamesNone() throws IOException {
        // Given
        config.remove("eos_token");
        Files.writeString(model.resolve("config.json"), "{\"eos_token_id\": 560}");
        Files.writeString(model.resolve("generation_config.json"), "{\"eos_token_id\": [562, 560]}");

        // When
        try (Tokenizer tokenizer = open()) {

            // Then
            assertThat(tokenizer.eosText()).isEqualTo("<|im_end|>");
        }
    }

    @Test
    void refusesMoreTokensThanTheEmbeddingHasRows() throws IOException {
        // Given
        Files.writeString(model.resolve("tokenizer_config.json"), config.toString());

        // When // Then
        assertThatThrownBy(() -> Tokenizer.open(ModelFiles.at(model), 566))
                .hasMessageContaining("it has 567 tokens, the last one '</tool_call>'")
                .hasMessageContaining("rows for 566");
        Tokenizer.open(ModelFiles.at(model), 567).close();
    }

    private Tokenizer open() {
        try {
            Files.writeString(model.resolve("tokenizer_config.json"), config.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Tokenizer.open(model);
    }

    private static void token(ObjectNode added, String id, String text, boolean special) {
        added.putObject(id)
                .put("content", text)
                .put("lstrip", false)
                .put("rstrip", false)
                .put("normalized", false)
                .put("single_word", false)
                .put("special", special);
    }
}
