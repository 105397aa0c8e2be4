package io.lorica.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// One platform for all test JVMs of a build: the first one starts it, the others find it, and it ends with the build.
final class SharedPlatform {

    private SharedPlatform() {}

    /// The platform of the running build.
    static PlatformProcess find() {
        Path folder = Checkout.root().resolve("target/test-platform");
        long owner = build().pid();
        Path note = folder.resolve(owner + ".address");
        try {
            Files.createDirectories(folder);
            // The file lock keeps two test JVMs from starting two platforms.
            try (FileChannel channel = FileChannel.open(
                            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = channel.lock()) {
                Optional<PlatformProcess> running =
                        lock.isValid() ? read(note).filter(PlatformProcess::usable) : Optional.empty();
                if (running.isPresent()) {
                    return running.get();
                }
                PlatformProcess started = PlatformProcess.start(folder.resolve("data-" + owner), owner);
                Files.writeString(note, started.pid() + "\n" + started.kafka() + "\n" + started.store() + "\n");
                return started;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<PlatformProcess> read(Path note) throws IOException {
        if (!Files.exists(note)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(note, StandardCharsets.UTF_8);
        return Optional.of(new PlatformProcess(Long.parseLong(lines.get(0)), lines.get(1), lines.get(2)));
    }

    // The Maven process above this one; where there is none, as in an editor, this process itself.
    private static ProcessHandle build() {
        ProcessHandle self = ProcessHandle.current();
        return ancestors(self).stream()
                .filter(ancestor -> ancestor.info()
                        .commandLine()
                        .map(line -> line.contains("plexus-classworlds") || line.contains("classworlds.launcher"))
                        .orElse(false))
                .findFirst()
                .orElse(self);
    }

    private static List<ProcessHandle> ancestors(ProcessHandle process) {
        return Stream.iterate(process.parent(), Optional::isPresent, parent -> parent.flatMap(ProcessHandle::parent))
                .flatMap(Optional::stream)
                .toList();
    }
}
