package io.lorica.models;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.FileLockInterruptionException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

import io.lorica.contracts.error.ErrorCode;
import io.lorica.contracts.error.ProductException;

/// The directory of one fetched model: whole when it holds the file `.complete`, and filled by one thread of one
/// process
/// at a time.
final class CacheEntry {

    // Locks of files are held by the process: its threads need one of their own.
    private static final Map<Path, Lock> THREADS = new ConcurrentHashMap<>();

    private final Path directory;

    CacheEntry(Path directory) {
        this.directory = directory.toAbsolutePath().normalize();
    }

    /// Where the model's files are.
    Path directory() {
        return directory;
    }

    /// The directory, if everything is in it.
    Optional<Path> whole() {
        return isWhole() ? Optional.of(directory) : Optional.empty();
    }

    private boolean isWhole() {
        return Files.exists(directory.resolve(".complete"));
    }

    /// The directory, filled now unless it is whole. Whoever comes second waits for the first.
    Path filled(Runnable fetch) {
        if (isWhole()) {
            return directory;
        }
        Lock thread = THREADS.computeIfAbsent(directory, _ -> new ReentrantLock());
        thread.lock();
        try {
            fill(fetch);
            return directory;
        } catch (FileLockInterruptionException e) {
            throw ProductException.of(ErrorCode.HUB_UNAVAILABLE, "The wait for another download was interrupted.", e);
        } catch (IOException e) {
            throw DiskSpace.failure(directory, e);
        } finally {
            thread.unlock();
        }
    }

    private void fill(Runnable fetch) throws IOException {
        Files.createDirectories(directory);
        try (FileChannel channel = FileChannel.open(
                        directory.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock process = channel.lock()) {
            if (process.isValid() && !isWhole()) {
                fetch.run();
                Files.createFile(directory.resolve(".complete"));
            }
        }
    }
}
