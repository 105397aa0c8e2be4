package io.lorica.llm.cuda;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

import org.jboss.logging.Logger;

/// Compiled kernels on disk, so that only a first start compiles. Processes may share it: a file appears
/// whole or not at all. Where it cannot be read or written, each start compiles.
///
/// @param directory where the files are
record KernelCache(Path directory) {

    private static final Logger LOG = Logger.getLogger(KernelCache.class);

    /// The process's cache: where `LORICA_CUDA_CACHE` says, or in the user's directory of caches.
    static KernelCache ofProcess() {
        return new KernelCache(Setting.CACHE.value().map(Path::of).orElseGet(KernelCache::userDirectory));
    }

    Optional<byte[]> find(String digest) {
        try {
            Path file = file(digest);
            return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
        } catch (IOException e) {
            LOG.debugf(e, "cannot read compiled kernels in %s", directory);
            return Optional.empty();
        }
    }

    void keep(String digest, byte[] code) {
        try {
            Files.createDirectories(directory);
            Path draft = Files.createTempFile(directory, "draft", ".tmp");
            Files.write(draft, code);
            Files.move(draft, file(digest), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.debugf(e, "cannot keep compiled kernels in %s", directory);
        }
    }

    private Path file(String digest) {
        return directory.resolve(digest + ".code");
    }

    private static Path userDirectory() {
        String caches = System.getenv("XDG_CACHE_HOME");
        Path base = caches == null || caches.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache")
                : Path.of(caches);
        return base.resolve("lorica").resolve("cuda");
    }
}
