package io.lorica.llm.tokenizer;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
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
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2", "llama2", "mistral"})
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
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2", "llama2", "mistral"})
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
    @ValueSource(strings = {"llama3", "deepseek-r1", "llama2", "mistral"})
    void writesBeginOfSequenceOnceWhateverTheTextBeginsWith(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            // Given
            String bos = tokenizer.decodeWhole(new int[] {tokenizer.bosId().orElseThrow()});

            for (int times : new int[] {0, 1, 2, 3}) {
                // When
                int[] ids = tokenizer.encodeSequence(bos.repeat(times) + "x");

                // Then
                assertThat(ids).startsWith(tokenizer.bosId().orElseThrow());
                assertThat(tokenizer.decode(ids)).isEqualTo("x");
                assertThat(ids).containsOnlyOnce(tokenizer.bosId().orElseThrow());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2", "llama2", "mistral"})
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
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2", "llama2", "mistral"})
    void decodesAsTransformersWithAndWithoutMarkers(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            for (String kind : List.of("rows", "scattered", "bytes")) {
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
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2", "llama2", "mistral"})
    void streamsWholeCharactersThatMakeUpTheSameText(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            for (JsonNode row : rows(family, "rows")) {
                // Given
                StreamingText text = new StreamingText(tokenizer);

                // When
                List<String> pieces = new ArrayList<>(
                        IntStream.of(ids(row, "ids")).mapToObj(text::add).toList());
                pieces.add(text.end());

                // Then
                assertThat(String.join("", pieces)).isEqualTo(row.path("plain").asText());
                assertThat(pieces).noneMatch(piece -> piece.indexOf('\uFFFD') >= 0);
                assertThat(pieces)
                        .noneMatch(piece ->
                                !piece.isEmpty() && Character.isHighSurrogate(piece.charAt(piece.length() - 1)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2", "llama2", "mistral"})
    void streamsTokensThatMakeNoTextAsTheyAreDecoded(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            for (String kind : List.of("scattered", "bytes")) {
                for (JsonNode row : rows(family, kind)) {
                    // Given
                    StreamingText text = new StreamingText(tokenizer);

                    // When
                    String streamed = streamed(text, ids(row, "ids"));

                    // Then
                    assertThat(streamed)
                            .as(row.path("ids").toString())
                            .isEqualTo(row.path("plain").asText());
                    assertThat(text.end()).isEmpty();
                }
            }
        }
    }

    /// What transformers decodes of prompt and answer together, behind what it decodes of the prompt.
    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2", "llama2", "mistral"})
    void goesOnBehindThePromptWithTheSpaceThatBelongsThere(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            assertThat(rows(family, "continued")).hasSizeGreaterThan(20);
            for (JsonNode row : rows(family, "continued")) {
                // Given
                StreamingText text = new StreamingText(tokenizer, ids(row, "before"));

                // When
                String streamed = streamed(text, ids(row, "ids"));

                // Then
                assertThat(streamed)
                        .as(row.toString())
                        .isEqualTo(row.path("text").asText());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2", "llama2", "mistral"})
    void streamsWhateverIsGeneratedAsItIsDecodedInOne(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("L64X128MixRandom").create(15);
            int size = highestId(tokenizer) + 3;
            int[] bytes = IntStream.range(0, size)
                    .filter(id -> tokenizer.byteOf(id).isPresent())
                    .toArray();
            for (int run = 0; run < 400; run++) {
                // Given: half of them mostly bytes, where there are such tokens
                boolean mostlyBytes = run % 2 == 0 && bytes.length > 0;
                int[] ids = random.ints(random.nextInt(60), 0, size)
                        .map(id -> mostlyBytes && random.nextInt(4) > 0 ? bytes[id % bytes.length] : id)
                        .toArray();

                // When
                String streamed = streamed(new StreamingText(tokenizer), ids);

                // Then
                assertThat(streamed).as(Arrays.toString(ids)).isEqualTo(tokenizer.decode(ids));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama2", "mistral"})
    void readsBytesThatFollowEachOtherAsOneCharacter(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            for (String character : List.of("ж", "你", "😀", "你好")) {
                // Given
                int[] bytes = Arrays.stream(tokenizer.encode(character))
                        .filter(id -> tokenizer.byteOf(id).isPresent())
                        .toArray();

                // When
                StreamingText text = new StreamingText(tokenizer);
                List<String> pieces = IntStream.of(bytes).mapToObj(text::add).toList();

                // Then
                assertThat(tokenizer.decode(bytes)).isEqualTo(character);
                assertThat(String.join("", pieces) + text.end()).isEqualTo(character);
            }
        }
    }

    /// What an answer is taught in is what it is read back as behind its prompt: as if both were one text.
    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama3", "deepseek-r1", "smollm2", "llama2", "mistral"})
    void aTextBehindAnotherIsReadBackAsPartOfIt(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            for (String prompt : List.of("What?", "a ", "x\n", "the <think>", "你")) {
                for (String answer : List.of("the answer", " the", "  x", "你", "\n    return x", "</think>the", "")) {
                    // Given
                    int[] before = tokenizer.encodeSequence(prompt);

                    // When
                    int[] ids = tokenizer.encodeBehind(before, answer);

                    // Then
                    int[] whole = IntStream.concat(Arrays.stream(before), Arrays.stream(ids))
                            .toArray();
                    String expected = tokenizer.decode(tokenizer.encodeSequence(prompt + answer));
                    assertThat(tokenizer.decode(whole)).isEqualTo(expected);
                    assertThat(tokenizer.decode(before) + streamed(new StreamingText(tokenizer, before), ids))
                            .isEqualTo(expected);
                }
            }
        }
    }

    @Test
    void sendsALongTextOfBytesOnBeforeItEnds() {
        try (Tokenizer tokenizer = Tokenizer.open(directory("llama2"))) {
            // Given
            int[] ids = tokenizer.encode("你".repeat(100));
            StreamingText text = new StreamingText(tokenizer);

            // When
            List<String> pieces = IntStream.of(ids).mapToObj(text::add).toList();

            // Then
            assertThat(String.join("", pieces)).hasSizeGreaterThan(80);
            assertThat(String.join("", pieces) + text.end()).isEqualTo("你".repeat(100));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "llama2"})
    void takesHalfOfASurrogatePairForOneUnknownCharacter(String family) {
        try (Tokenizer tokenizer = Tokenizer.open(directory(family))) {
            assertThat(tokenizer.encode("a\uD83Db")).isEqualTo(tokenizer.encode("a\uFFFDb"));
            assertThat(tokenizer.encode("\uDE00")).isEqualTo(tokenizer.encode("\uFFFD"));
            assertThat(tokenizer.decode(tokenizer.encode("a\uD83D\uDE00\uD83D")))
                    .isEqualTo("a😀\uFFFD");
        }
    }

    private static String streamed(StreamingText text, int[] ids) {
        StringBuilder streamed = new StringBuilder();
        IntStream.of(ids).mapToObj(text::add).forEach(streamed::append);
        return streamed.append(text.end()).toString();
    }

    private static int highestId(Tokenizer tokenizer) {
        return IntStream.range(0, 1_000)
                .filter(id -> !tokenizer.leavesOut(id))
                .max()
                .orElseThrow();
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
