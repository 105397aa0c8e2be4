package io.lorica.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.lorica.storage.SharedDirectory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class SharedDirectoryTest {

    private static final String BROKEN = "a.safetensors.0a1b2c3d-0000-4000-8000-0123456789ab.part";

    @TempDir
    Path folder;

    @Test
    void removesWhatDeadProcessesLeft() throws IOException {
        // Given
        Path upload = Files.writeString(
                Files.createDirectories(folder.resolve("uploads")).resolve("1234"), "half a file");

        // When
        try (SharedDirectory opened = SharedDirectory.open(folder, _ -> true)) {
            // Then
            assertThat(opened.removed()).isEqualTo(11);
            assertThat(upload).doesNotExist();
            assertThat(upload.getParent()).doesNotExist();
        }
    }

    @Test
    void keepsFoldersThatAServerHasMade() throws IOException {
        // Given
        Path uploads = Files.createDirectories(folder.resolve("uploads"));
        Path upload = Files.writeString(uploads.resolve("1234"), "half a file");

        // When
        SharedDirectory.open(folder, path -> path.endsWith("1234")).close();

        // Then
        assertThat(upload).doesNotExist();
        assertThat(uploads).exists();
    }

    @Test
    void leavesAloneWhatAnotherProcessUses() throws Exception {
        // Given
        Process other = holdOpen(folder);
        Path upload = Files.writeString(folder.resolve("upload"), "on its way");

        // When
        try (SharedDirectory opened = SharedDirectory.open(folder, _ -> true)) {
            // Then
            assertThat(opened.removed()).isZero();
            assertThat(upload).exists();
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    @Test
    void cleansAgainOnceTheOtherProcessWasKilled() throws Exception {
        // Given
        Process other = holdOpen(folder);
        Path upload = Files.writeString(folder.resolve("upload"), "on its way");
        other.destroyForcibly().waitFor();

        // When
        SharedDirectory.open(folder, _ -> true).close();

        // Then
        assertThat(upload).doesNotExist();
    }

    @Test
    void keepsWhatThisProcessUsesInAnotherPlace() throws IOException {
        // Given
        try (SharedDirectory first = SharedDirectory.open(folder, _ -> true)) {
            Path upload = Files.writeString(folder.resolve("upload"), "on its way");

            // When
            SharedDirectory.open(folder, _ -> true).close();

            // Then
            assertThat(first.removed()).isZero();
            assertThat(upload).exists();
        }
    }

    @Test
    void keepsFilesThatAreStillOfUse() throws IOException {
        // Given
        Path cached = Files.writeString(folder.resolve("adapter_model.safetensors"), "whole");
        Path resumable = Files.writeString(folder.resolve("model.safetensors.part"), "half");
        Path broken = Files.writeString(folder.resolve(BROKEN), "half");

        // When
        SharedDirectory.open(folder, SharedDirectory::brokenDownload).close();

        // Then
        assertThat(cached).exists();
        assertThat(resumable).exists();
        assertThat(broken).doesNotExist();
    }

    private static Process holdOpen(Path directory) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Holder.class.getName(),
                        directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(process.inputReader().readLine()).isEqualTo("open");
        return process;
    }

    /// Another process that uses the directory until it is killed.
    static final class Holder {

        private Holder() {}

        @SuppressWarnings("SystemOut")
        public static void main(String[] arguments) throws InterruptedException {
            try (SharedDirectory _ = SharedDirectory.open(Path.of(arguments[0]), _ -> false)) {
                System.out.println("open");
                Thread.sleep(Long.MAX_VALUE);
            }
        }
    }
}
