package io.lorica.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/// A directory that processes of this machine use, one or several at a time. Whoever opens it while nobody else has it
/// open removes what dead processes left there. A process has it open until it closes it or ends, however it ends: the
/// system gives the lock back.
public final class SharedDirectory implements AutoCloseable {

    private static final String LOCK = ".in-use";
    private static final Pattern DOWNLOAD = Pattern.compile(".+\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.part");

    private final FileChannel channel;
    private final long removed;

    private SharedDirectory(FileChannel channel, long removed) {
        this.channel = channel;
        this.removed = removed;
    }

    /// Opens a directory, which is made where it is missing.
    ///
    /// @param leftover which of its files and empty folders, by their paths in it, nobody needs any more. It
    ///     names what its owner writes and nothing else: a directory may hold other things, too
    /// @throws UncheckedIOException when the directory cannot be written to or locked
    public static SharedDirectory open(Path directory, Predicate<Path> leftover) {
        try {
            Files.createDirectories(directory);
            FileChannel channel = FileChannel.open(
                    directory.resolve(LOCK),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            try {
                long removed = cleaned(channel, directory, leftover);
                share(channel);
                return new SharedDirectory(channel, removed);
            } catch (IOException | UncheckedIOException e) {
                channel.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Tells whether a file is what a broken download left, which no later download goes on from.
    public static boolean brokenDownload(Path file) {
        return DOWNLOAD.matcher(file.getFileName().toString()).matches();
    }

    /// How many bytes were removed on opening.
    public long removed() {
        return removed;
    }

    private static long cleaned(FileChannel channel, Path directory, Predicate<Path> leftover) throws IOException {
        try (FileLock alone = channel.tryLock()) {
            return alone == null ? 0 : clean(directory, leftover);
        } catch (OverlappingFileLockException e) {
            return 0; // another part of this process has it open
        }
    }

    // Waits for whoever is just cleaning.
    private static @Nullable FileLock share(FileChannel channel) throws IOException {
        try {
            return channel.lock(0, Long.MAX_VALUE, true);
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static long clean(Path directory, Predicate<Path> leftover) throws IOException {
        List<Path> content;
        try (Stream<Path> walk = Files.walk(directory)) {
            content = walk.sorted(Comparator.reverseOrder()).toList();
        }
        long bytes = 0;
        for (Path path : content) {
            if (path.equals(directory)
                    || path.equals(directory.resolve(LOCK))
                    || !leftover.test(directory.relativize(path))) {
                continue;
            }
            if (Files.isDirectory(path)) {
                removeEmpty(path);
            } else {
                bytes += remove(path);
            }
        }
        return bytes;
    }

    private static long remove(Path file) throws IOException {
        try {
            long size = Files.size(file);
            Files.delete(file);
            return size;
        } catch (NoSuchFileException e) {
            return 0;
        }
    }

    private static void removeEmpty(Path folder) throws IOException {
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            return; // it holds what stays
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
