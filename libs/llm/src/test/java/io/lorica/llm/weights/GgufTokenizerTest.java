package io.lorica.llm.weights;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.gguf.GgufFile;
import io.lorica.gguf.GgufWriter;
import io.lorica.gguf.TokenizerKeys;
import io.lorica.layout.TokenizerDescription;
import io.lorica.llm.testing.Golden;
import io.lorica.llm.tokenizer.StreamingText;
import io.lorica.llm.tokenizer.Tokenizer;
import org.junit.jupiter.api.Test;
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

    /// llama.cpp prints nothing for tokens of the type UNUSED, with which files are filled up.
    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "sentencepiece"})
    void tokensThatAreUnusedAreNoText(String name) {
        // Given
        ModelFiles original = ModelFiles.at(Golden.gguf("vocab-" + name + ".gguf"));
        TokenizerDescription known = TokenizerDescription.read(original::read);
        int size = known.ids().length();
        GgufWriter writer = new GgufWriter();
        writer.text("general.architecture", "llama");
        new TokenizerKeys(known.tree(), known.specialTokens(), size + 3).addTo(writer);
        Path file = directory.resolve("filled-up.gguf");
        writer.write(file);

        // When
        try (GgufFile written = GgufFile.open(file);
                Tokenizer tokenizer = Tokenizer.open(file)) {
            int[] word = tokenizer.encode("answer");
            int[] ids = IntStream.concat(IntStream.of(size, size + 2), Arrays.stream(word))
                    .toArray();
            StreamingText streamed = new StreamingText(tokenizer);

            // Then
            assertThat(written.metadata().texts("tokenizer.ggml.tokens")).endsWith("[PAD" + (size + 2) + "]");
            assertThat(tokenizer.decode(ids)).isEqualTo("answer");
            assertThat(tokenizer.decodeWhole(ids)).isEqualTo("answer");
            assertThat(Arrays.stream(ids).mapToObj(streamed::add).collect(Collectors.joining()) + streamed.end())
                    .isEqualTo("answer");
            assertThat(tokenizer.encode("[PAD" + size + "]")).doesNotContain(size);
        }
    }

    @Test
    void bytesOfASentencePieceVocabularyBecomeCharacters() {
        try (Tokenizer tokenizer = Tokenizer.open(Golden.gguf("vocab-sentencepiece.gguf"))) {
            for (String character : List.of("你", "😀", "的", "Ж")) {
                // Given
                int[] ids = tokenizer.encode("the " + character + " x");
                StreamingText streamed = new StreamingText(tokenizer);

                // When
                String text = Arrays.stream(ids).mapToObj(streamed::add).collect(Collectors.joining());

                // Then
                assertThat(text + streamed.end()).isEqualTo("the " + character + " x");
            }
        }
    }
}
