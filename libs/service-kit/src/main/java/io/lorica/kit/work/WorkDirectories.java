package io.lorica.kit.work;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

import io.lorica.storage.SharedDirectory;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import org.jboss.logging.Logger;

/// The directories that this service has open. What crashed processes left in them is removed when it opens them,
/// unless
/// another process of the machine uses them too.
@Singleton
public class WorkDirectories {

    private static final Logger LOG = Logger.getLogger(WorkDirectories.class);

    private final List<SharedDirectory> open = new CopyOnWriteArrayList<>();

    /// Opens a directory until the service ends. One that cannot be written to is a warning: whoever needs it says so.
    ///
    /// @param leftover the files and empty folders, by their paths in it, that nobody needs once no process uses it
    public void open(Path directory, Predicate<Path> leftover) {
        try {
            SharedDirectory opened = SharedDirectory.open(directory, leftover);
            open.add(opened);
            if (opened.removed() > 0) {
                LOG.infof("removed what a crash left directory=%s bytes=%d", directory, opened.removed());
            }
        } catch (UncheckedIOException e) {
            LOG.warnf("directory not cleaned directory=%s cause=%s", directory, e.getMessage());
        }
    }

    @PreDestroy
    void close() {
        open.forEach(SharedDirectory::close);
    }
}
