package io.lorica.gguf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import io.lorica.contracts.error.ProductException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/// A file that is elsewhere says the same as one that is here.
class GgufHeaderTest {

    private static final Path BLOCKS = Path.of("src/test/resources/gguf/blocks.gguf");

    @ParameterizedTest
    @ValueSource(ints = {1, 24, 100, 1_000, 1 << 20})
    void saysWhatTheWholeFileSays(int usual) throws IOException {
        // Given
        Remote remote = new Remote(Files.readAllBytes(BLOCKS));

        // When
        try (GgufFile header = GgufFile.header(remote, usual, 1 << 20);
                GgufFile whole = GgufFile.open(BLOCKS)) {

            // Then
            assertThat(header.metadata().keys()).isEqualTo(whole.metadata().keys());
            assertThat(header.tensors().keySet()).isEqualTo(whole.tensors().keySet());
            assertThat(header.metadata().texts("test.texts")).containsExactly("a", "", "ü");
        }
    }

    @Test
    void readsNoMoreThanHeaderAndWhatIsAskedFor() throws IOException {
        // Given
        Remote remote = new Remote(Files.readAllBytes(BLOCKS));
        try (GgufFile header = GgufFile.header(remote, 500, 1 << 20);
                GgufFile whole = GgufFile.open(BLOCKS)) {

            // When
            float[] values = values(header.tensor("Q6_K").orElseThrow());

            // Then: 3 rows of 512 in blocks of 256 elements and 210 bytes
            assertThat(values).isEqualTo(values(whole.tensor("Q6_K").orElseThrow()));
            assertThat(remote.lengths).containsExactly(500, 500, 1_260);
        }
    }

    static List<GgufBytes> lies() {
        return GgufBytes.lies();
    }

    @ParameterizedTest
    @MethodSource("lies")
    void namesEveryLie(GgufBytes lie) {
        assertThatThrownBy(() -> GgufFile.header(new Remote(lie.bytes()), 24, 1 << 20))
                .isInstanceOf(ProductException.class)
                .hasMessageContaining(lie.reason());
    }

    @Test
    void endsWhereAHeaderHasNoEnd() throws IOException {
        // Given
        Remote remote = new Remote(Files.readAllBytes(BLOCKS));

        // When // Then
        assertThatThrownBy(() -> GgufFile.header(remote, 24, 100))
                .hasMessageContaining("its header has no end within 100 bytes");
        assertThat(remote.lengths).containsExactly(24, 24, 48, 4);
    }

    private static float[] values(GgufTensor tensor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment out = arena.allocate(ValueLayout.JAVA_FLOAT, tensor.elements());
            tensor.decode(0, tensor.elements(), out, 0);
            return out.toArray(ValueLayout.JAVA_FLOAT);
        }
    }

    private static final class Remote implements ByteSource {

        private final byte[] bytes;
        private final List<Integer> lengths = new ArrayList<>();

        private Remote(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public String name() {
            return "remote.gguf";
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public byte[] read(long offset, int length) {
            lengths.add(length);
            return Arrays.copyOfRange(bytes, (int) offset, (int) offset + length);
        }
    }
}
