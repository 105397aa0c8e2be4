package io.lorica.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// Compares with what Python's gguf reads; `tools/golden/make_gguf_golden.py` made the files.
class GgufFileTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(TensorEncoding.class)
    void everyEncodingBecomesTheReferencesNumbersBitForBit(TensorEncoding encoding) throws IOException {
        // Given
        float[] expected = expected(encoding.name());
        try (GgufFile file = GgufFile.open(golden("blocks.gguf"));
                Arena arena = Arena.ofConfined()) {
            GgufTensor tensor = file.tensor(encoding.name()).orElseThrow();
            MemorySegment out = arena.allocate(ValueLayout.JAVA_FLOAT, expected.length);

            // When
            tensor.decode(0, expected.length, out, 0);

            // Then: products and sums are rounded in the same order, so that not even the last bit may differ
            assertThat(out.toArray(ValueLayout.JAVA_FLOAT)).isEqualTo(expected);
            assertThat(tensor.shape()).containsExactly(3, 512);
        }
    }

    @ParameterizedTest
    @EnumSource(TensorEncoding.class)
    void aPartOfATensorIsThatPartOfItsNumbers(TensorEncoding encoding) throws IOException {
        // Given: the last block of the second row
        int size = encoding.blockElements();
        int from = 2 * 512 - size;
        float[] expected = expected(encoding.name());
        try (GgufFile file = GgufFile.open(golden("blocks.gguf"));
                Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_FLOAT, size + 1);

            // When
            file.tensor(encoding.name()).orElseThrow().decode(from, size, out, 1);

            // Then
            for (int i = 0; i < size; i++) {
                assertThat(out.getAtIndex(ValueLayout.JAVA_FLOAT, i + 1)).isEqualTo(expected[from + i]);
            }
        }
    }

    @Test
    void readsMetadataOfEveryType() {
        // When
        try (GgufFile file = GgufFile.open(golden("blocks.gguf"))) {
            GgufMetadata metadata = file.metadata();

            // Then
            assertThat(metadata.whole("test.u8")).hasValue(200);
            assertThat(metadata.whole("test.i8")).hasValue(-100);
            assertThat(metadata.whole("test.u16")).hasValue(60_000);
            assertThat(metadata.whole("test.i16")).hasValue(-30_000);
            assertThat(metadata.whole("test.u32")).hasValue(4_000_000_000L);
            assertThat(metadata.whole("test.i32")).hasValue(-2_000_000_000);
            assertThat(metadata.whole("test.u64")).hasValue(1L << 40);
            assertThat(metadata.whole("test.i64")).hasValue(-(1L << 40));
            assertThat(metadata.number("test.f32")).hasValue(1e-5);
            assertThat(metadata.number("test.f64")).hasValue(1e-5);
            assertThat(metadata.flag("test.yes")).contains(true);
            assertThat(metadata.text("test.text")).contains("Grüße, 世界");
            assertThat(metadata.wholes("test.numbers")).containsExactly(1L, 2L, 3L);
            assertThat(metadata.texts("test.texts")).containsExactly("a", "", "ü");
            assertThat(metadata.text("test.missing")).isEmpty();
        }
    }

    @Test
    void namesAKeyOfAnotherType() {
        // Given
        try (GgufFile file = GgufFile.open(golden("blocks.gguf"))) {

            // When // Then
            assertThatThrownBy(() -> file.metadata().whole("test.text"))
                    .hasMessageContaining("test.text is not a whole number");
            assertThatThrownBy(() -> file.metadata().texts("test.numbers"))
                    .hasMessageContaining("test.numbers is not text");
            assertThatThrownBy(() -> file.metadata().flag("test.u8"))
                    .hasMessageContaining("test.u8 is not a truth value");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 20, 24, 100, 700, 1_500, 22_120})
    void namesACutFile(int bytes) throws IOException {
        // Given
        byte[] whole = Files.readAllBytes(golden("blocks.gguf"));
        Path file = Files.write(directory.resolve("cut.gguf"), Arrays.copyOf(whole, bytes));

        // When // Then
        assertThatThrownBy(() -> GgufFile.open(file)).hasMessageContaining("cut.gguf is damaged");
    }

    static List<GgufBytes> lies() {
        return GgufBytes.lies();
    }

    @ParameterizedTest
    @MethodSource("lies")
    void namesEveryLie(GgufBytes lie) throws IOException {
        // Given
        Path file = Files.write(directory.resolve("lie.gguf"), lie.bytes());

        // When // Then
        assertThatThrownBy(() -> GgufFile.open(file))
                .isInstanceOfSatisfying(
                        ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL))
                .hasMessageContaining(lie.reason());
    }

    @Test
    void opensTheTruth() throws IOException {
        // Given: what every lie is one change away from
        Path file = Files.write(directory.resolve("truth.gguf"), GgufBytes.truth());

        // When
        try (GgufFile open = GgufFile.open(file)) {

            // Then
            assertThat(open.tensors().keySet()).containsExactly("a", "b");
            assertThat(open.tensor("a").orElseThrow().shape()).containsExactly(2, 4);
            assertThat(open.metadata().text("key")).contains("value");
        }
    }

    private static Path golden(String name) {
        return Path.of("src/test/resources/gguf", name);
    }

    // Safetensors: the header's length, a header that says where the numbers are, the numbers.
    private static float[] expected(String name) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(golden("blocks.safetensors")))
                .order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[Math.toIntExact(file.getLong())];
        file.get(header);
        JsonNode place = new ObjectMapper().readTree(header).path(name).path("data_offsets");
        float[] values = new float[(place.path(1).asInt() - place.path(0).asInt()) / Float.BYTES];
        file.slice(file.position() + place.path(0).asInt(), values.length * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        return values;
    }
}
