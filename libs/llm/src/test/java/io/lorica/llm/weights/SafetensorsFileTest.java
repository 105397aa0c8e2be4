package io.lorica.llm.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.llm.tensor.ElementType;
import io.lorica.llm.tensor.Tensor;
import io.lorica.llm.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SafetensorsFileTest {

    /// All of them held exactly by every floating type.
    private static final float[] VALUES = {0, 1, -2, 0.5f, 1024, -0.25f};

    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"F32", "F16", "BF16", "F64"})
    void readsFractionsThatItWrote(ElementType type) {
        checkRoundTrip(type, VALUES);
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"I64", "I32", "I8"})
    void readsWholeNumbersThatItWrote(ElementType type) {
        checkRoundTrip(type, new float[] {0, 1, -2, 100, -128, 127});
    }

    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"U8", "BOOL"})
    void readsBitsThatItWrote(ElementType type) {
        checkRoundTrip(type, new float[] {0, 1, 1, 0, 0, 1});
    }

    private void checkRoundTrip(ElementType type, float[] values) {
        // Given
        Path file = directory.resolve("weights.safetensors");
        try (TensorScope scope = TensorScope.open("test")) {
            Tensor tensor = scope.floats(values, 2, 3);
            SafetensorsWriter.write(file, List.of(TensorSource.of("a.weight", tensor)), type, Map.of());

            // When
            try (SafetensorsFile read = SafetensorsFile.open(file)) {
                StoredTensor stored = read.tensor("a.weight").orElseThrow();

                // Then
                assertThat(stored.type()).isEqualTo(type);
                assertThat(stored.shape()).containsExactly(2, 3);
                assertThat(stored.load(scope).toFloatArray()).containsExactly(values);
            }
        }
    }

    @Test
    void roundsToNearestEvenInBrainFloat() {
        // Given: halfway between two neighbours, once towards an even and once towards an odd last bit
        Path file = directory.resolve("weights.safetensors");
        float half = 1 + 1f / 256;
        float threeHalves = 1 + 3f / 256;
        try (TensorScope scope = TensorScope.open("test")) {
            Tensor tensor = scope.floats(new float[] {half, threeHalves}, 2);

            // When
            SafetensorsWriter.write(file, List.of(TensorSource.of("a", tensor)), ElementType.BF16, Map.of());

            // Then
            try (SafetensorsFile read = SafetensorsFile.open(file)) {
                float[] values = read.tensor("a").orElseThrow().load(scope).toFloatArray();
                assertThat(values).containsExactly(1, 1 + 4f / 256);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}}                    | its shape's size
            {"a":{"dtype":"F32","shape":[8],"data_offsets":[0,32]}}                    | lies at bytes
            {"a":{"dtype":"F32","shape":[-4],"data_offsets":[0,16]}}                   | no valid shape
            {"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,16]}} | too large
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}                     | lies at bytes
            {"a":{"dtype":"C64","shape":[2],"data_offsets":[0,16]}}                    | element type
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}                    | gap before
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}                     | belong to no tensor
            {"a":{"dtype":"F32","shape":[4],"data_offsets":[0]}}                       | data_offsets
            [1]                                                                        | not a JSON object
            {"a"                                                                       | not valid JSON
            """)
    void namesWhatIsWrongWithAHeader(String header, String reason) throws IOException {
        // Given: 16 bytes of tensors
        Path file = write(header, header.length(), 16);

        // When // Then
        assertThatThrownBy(() -> SafetensorsFile.open(file))
                .isInstanceOfSatisfying(
                        ProductException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED_MODEL))
                .hasMessageContaining(reason);
    }

    @Test
    void namesOverlappingTensors() throws IOException {
        // Given
        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}";
        Path file = write(header, header.length(), 16);

        // When // Then
        assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("a and b overlap");
    }

    @Test
    void refusesAHeaderLongerThanTheFile() throws IOException {
        // Given
        Path file = write("{}", 1L << 40, 0);

        // When // Then
        assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("header claims");
    }

    @Test
    void refusesAnEmptyFile() throws IOException {
        // Given
        Path file = Files.createFile(directory.resolve("empty.safetensors"));

        // When // Then
        assertThatThrownBy(() -> SafetensorsFile.open(file)).hasMessageContaining("only 0 bytes");
    }

    private Path write(String header, long claimedLength, int dataBytes) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer =
                ByteBuffer.allocate(Long.BYTES + json.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(claimedLength).put(json);
        return Files.write(directory.resolve("broken.safetensors"), buffer.array());
    }
}
