package io.lorica.trainer.config;

import java.nio.file.Path;

import io.lorica.contracts.id.JobId;
import io.lorica.kit.store.ModelsConfig;
import io.lorica.kit.work.WorkDirectories;
import io.lorica.storage.SharedDirectory;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.interceptor.Interceptor;

/// Empties the work directory before the first job, because what lasts is in the store, and removes broken downloads
/// from
/// the cache of models. Downloads from the hub stay: they go on where they broke off.
final class WorkDirectoryStart {

    void open(
            @Observes @Priority(Interceptor.Priority.PLATFORM_BEFORE) StartupEvent start,
            WorkDirectories directories,
            TrainerConfig config,
            ModelsConfig models) {
        directories.open(config.workDirectory(), WorkDirectoryStart::ours);
        directories.open(models.cache(), SharedDirectory::brokenDownload);
    }

    static boolean ours(Path path) {
        return JobId.matches(path.getName(0).toString());
    }
}
