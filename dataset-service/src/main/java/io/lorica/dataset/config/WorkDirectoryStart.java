package io.lorica.dataset.config;

import java.nio.file.Files;

import io.lorica.kit.work.WorkDirectories;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

/// Empties the work directory before the first upload, because no file in it outlives a process. The folder of uploads
/// stays: the HTTP server has made it already.
final class WorkDirectoryStart {

    void open(
            @Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start,
            WorkDirectories directories,
            DatasetConfig config) {
        directories.open(config.workDirectory(), path -> !Files.isDirectory(path));
    }
}
