package io.lorica.trainer.execution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.JobId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class WorkspaceTest {

    @TempDir
    Path root;

    @Test
    void leavesNothingBehind() throws IOException {
        // Given
        JobId job = JobId.random();
        Files.createDirectories(root.resolve(job.value()).resolve("of-an-earlier-process"));

        // When
        try (Workspace workspace = Workspace.create(root, job)) {
            Files.writeString(workspace.fresh("checkpoint").resolve("weights"), "1");

            // Then
            assertThat(workspace.fresh("checkpoint")).isEmptyDirectory();
            assertThat(workspace.file("of-an-earlier-process")).doesNotExist();
        }
        assertThat(root).isEmptyDirectory();
    }

    @Test
    void saysWhichDirectoryCannotBeWritten() throws IOException {
        // Given
        Path file = Files.writeString(root.resolve("file"), "in the way");

        // When, Then
        assertThatThrownBy(() -> Workspace.create(file, JobId.random()))
                .isInstanceOfSatisfying(ProductException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(ErrorCode.OUT_OF_DISK);
                    assertThat(failure.detail()).contains(file.toString(), "lorica.trainer.work-directory");
                });
    }
}
