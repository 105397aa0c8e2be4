package io.lorica.trainer.execution;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.FailureWords;
import io.lorica.contracts.error.ProductException;
import io.lorica.contracts.id.JobId;
import org.jboss.logging.Logger;

/// The directory of one attempt of a job on this machine's disk. Closing it removes it: what lasts is in the
/// store.
///
/// @param directory the directory
record Workspace(Path directory) implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger(Workspace.class);

    /// Makes an empty workspace; what an earlier process left there is removed.
    static Workspace create(Path root, JobId job) {
        Workspace workspace = new Workspace(root.resolve(job.value()));
        workspace.close();
        try {
            Files.createDirectories(workspace.directory);
            return workspace;
        } catch (IOException e) {
            throw ProductException.of(
                    ErrorCode.OUT_OF_DISK,
                    "The directory " + root + " cannot be written to: " + FailureWords.of(e)
                            + ". Free space there or set lorica.trainer.work-directory to another place.",
                    e);
        }
    }

    /// A fresh empty directory inside the workspace.
    Path fresh(String name) {
        Path folder = directory.resolve(name);
        remove(folder);
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A file inside the workspace.
    Path file(String name) {
        return directory.resolve(name);
    }

    @Override
    public void close() {
        try {
            remove(directory);
        } catch (UncheckedIOException e) {
            LOG.warnf("the work directory %s could not be removed: %s", directory, e.getMessage());
        }
    }

    private static void remove(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> content = Files.walk(folder)) {
            for (Path path : content.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
