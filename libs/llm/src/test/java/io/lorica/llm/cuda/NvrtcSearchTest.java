package io.lorica.llm.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class NvrtcSearchTest {

    @TempDir
    private Path directory;

    @Test
    void takesOnlyWhatTheUserNames() throws IOException {
        // Given
        Path named = touch("elsewhere/libnvrtc.so.12");
        touch("usr/local/cuda/lib64/libnvrtc.so.13");

        // When
        List<String> byFile = search(Optional.of(named.toString()), Map.of()).candidates();
        List<String> byDirectory =
                search(Optional.of(named.getParent().toString()), Map.of()).candidates();

        // Then
        assertThat(byFile).containsExactly(named.toString());
        assertThat(byDirectory).containsExactly(named.toString());
    }

    @Test
    void findsTheWheelsOfAPythonEnvironment() throws IOException {
        // Given
        Path wheel = touch("site-packages/nvidia/cuda_nvrtc/lib/libnvrtc.so.12");
        touch("site-packages/nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.8");

        // When
        List<String> found = search(
                        Optional.of(directory.resolve("site-packages").toString()), Map.of())
                .candidates();

        // Then
        assertThat(found).containsExactly(wheel.toString());
    }

    @Test
    void looksBesideLibtorchBeforeTheToolkitAndThenAsksTheLoader() throws IOException {
        // Given
        Path torch = touch("torch/lib/libnvrtc-b51b459d.so.12");
        Path path = touch("path/libnvrtc.so.12");
        Path toolkit = touch("usr/local/cuda-13.0/lib64/libnvrtc.so.13");
        Path cache = touch("home/.djl.ai/pytorch/2.7.1-cu128-linux-x86_64/libnvrtc.so.12");
        Map<String, String> environment = Map.of(
                "PYTORCH_LIBRARY_PATH",
                torch.getParent().toString(),
                "LD_LIBRARY_PATH",
                "/nowhere::" + path.getParent());

        // When
        List<String> found = search(Optional.empty(), environment).candidates();

        // Then
        assertThat(found)
                .startsWith(torch.toString(), path.toString(), toolkit.toString(), cache.toString())
                .endsWith("libnvrtc.so.11.2")
                .hasSize(7);
    }

    @Test
    void prefersTheNewestInADirectory() throws IOException {
        // Given
        touch("usr/local/cuda/lib64/libnvrtc.so.12.8.93");
        touch("usr/local/cuda/lib64/libnvrtc.so.13");

        // When
        List<String> found = search(Optional.empty(), Map.of()).candidates();

        // Then
        assertThat(found.getFirst()).endsWith("libnvrtc.so.13");
        assertThat(found.get(1)).endsWith("libnvrtc.so.12.8.93");
    }

    private NvrtcSearch search(Optional<String> named, Map<String, String> environment) {
        return new NvrtcSearch(named, environment, directory.resolve("home"), directory);
    }

    private Path touch(String name) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.createFile(file);
    }
}
