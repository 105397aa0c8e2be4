package io.lorica.dataset.config;

import java.nio.file.Path;
import java.util.regex.Pattern;

import io.lorica.kit.work.WorkDirectories;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

/// Removes uploads and versions that a crash cut from the work directory, before the first upload. Other things in it
/// are
/// not ours.
final class WorkDirectoryStart {

    // The names are the HTTP server's and DatasetDraft's.
    private static final Pattern OURS =
            Pattern.compile("uploads/resteasy-reactive\\d+upload|(examples|rejected)-\\d+\\.jsonl");

    void open(
            @Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start,
            WorkDirectories directories,
            DatasetConfig config) {
        directories.open(config.workDirectory(), WorkDirectoryStart::ours);
    }

    static boolean ours(Path path) {
        return OURS.matcher(path.toString().replace('\\', '/')).matches();
    }
}
