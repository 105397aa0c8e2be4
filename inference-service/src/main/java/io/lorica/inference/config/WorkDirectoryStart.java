package io.lorica.inference.config;

import io.lorica.kit.store.ModelsConfig;
import io.lorica.kit.work.WorkDirectories;
import io.lorica.storage.SharedDirectory;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

/// Removes broken downloads from the caches of adapters and of models before the first is used. Downloads from the hub
/// stay: they go on where they broke off.
final class WorkDirectoryStart {

    void open(
            @Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start,
            WorkDirectories directories,
            InferenceConfig config,
            ModelsConfig models) {
        directories.open(config.adapterCache(), SharedDirectory::brokenDownload);
        directories.open(models.cache(), SharedDirectory::brokenDownload);
    }
}
