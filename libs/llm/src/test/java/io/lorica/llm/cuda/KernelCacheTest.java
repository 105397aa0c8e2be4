package io.lorica.llm.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class KernelCacheTest {

    private static final byte[] CODE = {1, 2, 3};

    @TempDir
    private Path directory;

    @Test
    void findsWhatItKeeps() {
        // Given
        KernelCache cache = new KernelCache(directory.resolve("new"));

        // When
        cache.keep("digest", CODE);

        // Then
        assertThat(cache.find("digest")).contains(CODE);
        assertThat(cache.find("other")).isEmpty();
        assertThat(directory.resolve("new")).isDirectoryNotContaining("glob:**.tmp");
    }

    @Test
    void doesWithoutADirectoryThatItCannotWrite() throws IOException {
        // Given
        Path file = Files.createFile(directory.resolve("file"));
        KernelCache cache = new KernelCache(file);

        // When
        cache.keep("digest", CODE);

        // Then
        assertThat(cache.find("digest")).isEmpty();
    }
}
