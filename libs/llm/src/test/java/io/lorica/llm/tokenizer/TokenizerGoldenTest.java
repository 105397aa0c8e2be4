package io.lorica.llm.tokenizer;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/// Tokens of tricky texts, against transformers' fast tokenizers: made by `tools/golden/make_tokenizer_golden.py`.
class TokenizerGoldenTest {

    private static final JsonNode GOLDEN = golden();

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2"})
    void encodesAsTransformers(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            for (JsonNode row : rows(family, "rows")) {
                // When
                int[] ids = tokenizer.encode(row.path("text").asText());

                // Then
                assertThat(ids).as(row.path("text").toString()).isEqualTo(ids(row, "ids"));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2"})
    void beginsSequencesAsTransformersButNeverTwice(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            for (JsonNode row : rows(family, "rows")) {
                // Given: transformers adds the token even to a text that already begins with it
                int[] expected = once(tokenizer, ids(row, "sequence"));

                // When
                int[] ids = tokenizer.encodeSequence(row.path("text").asText());

                // Then
                assertThat(ids).as(row.path("text").toString()).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama3", "deepseek-r1"})
    void writesBeginOfSequenceOnceWhateverTheTextBeginsWith(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            // Given
            String bos = tokenizer.decodeWhole(new int[] {tokenizer.bosId().orElseThrow()});

            for (int times : new int[] {0, 1, 2, 3}) {
                // When
                int[] ids = tokenizer.encodeSequence(bos.repeat(times) + "x");

                // Then
                assertThat(ids).startsWith(tokenizer.bosId().orElseThrow()).hasSize(2);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2"})
    void knowsTheMarkersThatTransformersKnows(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            JsonNode golden = GOLDEN.path(family);
            assertThat(tokenizer.eosId()).isEqualTo(golden.path("eos").asInt());
            assertThat(tokenizer.encode(tokenizer.eosText())).containsExactly(tokenizer.eosId());
            assertThat(tokenizer.bosId().isPresent())
                    .isEqualTo(golden.path("bos").isInt());
            tokenizer
                    .bosId()
                    .ifPresent(
                            bos -> assertThat(bos).isEqualTo(golden.path("bos").asInt()));
        }
    }

    /// The layout before configurations listed the added tokens themselves.
    @Test
    void takesMarkersFromTheMapThatOlderModelsHave(@TempDir Path old) throws IOException {
        // Given
        Files.copy(directory("qwen2").resolve("tokenizer.json"), old.resolve("tokenizer.json"));
        Files.writeString(old.resolve("tokenizer_config.json"), "{\"eos_token\": null}");
        Files.writeString(old.resolve("special_tokens_map.json"), "{\"eos_token\": {\"content\": \"<|endoftext|>\"}}");

        // When
        try (Tokenizer tokenizer = Tokenizer.open(old)) {

            // Then
            assertThat(tokenizer.eosText()).isEqualTo("<|endoftext|>");
            assertThat(tokenizer.encode("<|endoftext|>")).containsExactly(tokenizer.eosId());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2"})
    void decodesAsTransformersWithAndWithoutMarkers(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            for (String kind : List.of("rows", "scattered")) {
                for (JsonNode row : rows(family, kind)) {
                    // Given
                    int[] ids = ids(row, "ids");

                    // When
                    String plain = tokenizer.decode(ids);
                    String whole = tokenizer.decodeWhole(ids);

                    // Then
                    assertThat(plain).isEqualTo(row.path("plain").asText());
                    assertThat(whole).isEqualTo(row.path("whole").asText());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2"})
    void streamsWholeCharactersThatMakeUpTheSameText(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            for (JsonNode row : rows(family, "rows")) {
                // Given
                StreamingText text = new StreamingText(tokenizer);

                // When
                List<String> pieces =
                        IntStream.of(ids(row, "ids")).mapToObj(text::add).toList();

                // Then
                assertThat(String.join("", pieces)).isEqualTo(row.path("plain").asText());
                assertThat(pieces).noneMatch(piece -> piece.indexOf('\uFFFD') >= 0);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2"})
    void streamsTokensThatMakeNoTextAsTheyAreDecoded(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            for (JsonNode row : rows(family, "scattered")) {
                // Given
                StreamingText text = new StreamingText(tokenizer);
                StringBuilder streamed = new StringBuilder();

                // When
                IntStream.of(ids(row, "ids")).mapToObj(text::add).forEach(streamed::append);

                String decoded = row.path("plain").asText();
                String rest = decoded.substring(Math.min(decoded.length(), streamed.length()));

                // Then: what may still become a character is kept back until no more tokens come
                assertThat(decoded).startsWith(streamed.toString());
                assertThat(rest).isIn("", "\uFFFD");
                assertThat(text.end()).isEqualTo(rest);
                assertThat(text.end()).isEmpty();
            }
        }
    }

    private static int[] once(Tokenizer tokenizer, int[] ids) {
        boolean adds = tokenizer.encodeSequence("").length > 0;
        int repeated = 0;
        while (adds
                && repeated + 1 < ids.length
                && ids[repeated + 1] == tokenizer.bosId().orElseThrow()) {
            repeated++;
        }
        return Arrays.copyOfRange(ids, repeated, ids.length);
    }

    private static List<JsonNode> rows(String family, String kind) {
        return StreamSupport.stream(GOLDEN.path(family).path(kind).spliterator(), false)
                .toList();
    }

    private static int[] ids(JsonNode row, String name) {
        return StreamSupport.stream(row.path(name).spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }

    private static Path directory(String family) {
        return Path.of(URI.create(String.valueOf(TokenizerGoldenTest.class.getResource("/tokenizers/" + family))));
    }

    private static JsonNode golden() {
        try {
            return new ObjectMapper().readTree(TokenizerGoldenTest.class.getResource("/tokenizers/golden.json"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
