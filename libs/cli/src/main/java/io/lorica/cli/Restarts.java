package io.lorica.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;

/// The restarts of one member, kept in a file so that `status` can tell of them.
final class Restarts {

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
    private static final Duration CALM = Duration.ofMinutes(10);

    // count, last restart and next restart, the times in seconds since 1970.
    private final Path file;

    Restarts(Path file) {
        this.file = file;
    }

    /// @param count restarts since `up`
    /// @param last time of the last one
    /// @param next time of the next try while the member is down
    record Standing(int count, Instant last, Instant next) {

        static final Standing NONE = new Standing(0, Instant.EPOCH, Instant.EPOCH);

        /// The standing after another end of the member: the pause before each restart is twice the one before, up to
        /// a minute. A member that ran for ten minutes begins with the shortest again.
        Standing ended(Instant now) {
            Duration before = Duration.between(last, next);
            boolean first = count == 0 || Duration.between(next, now).compareTo(CALM) > 0;
            Duration pause = first ? FIRST_PAUSE : min(before.multipliedBy(2), LONGEST_PAUSE);
            return new Standing(count + 1, now, now.plus(pause));
        }

        private static Duration min(Duration one, Duration other) {
            return one.compareTo(other) < 0 ? one : other;
        }
    }

    Standing read() {
        try {
            String[] parts = Files.exists(file) ? Files.readString(file).strip().split(" ") : new String[0];
            return parts.length == 3
                    ? new Standing(Integer.parseInt(parts[0]), time(parts[1]), time(parts[2]))
                    : Standing.NONE;
        } catch (IOException | NumberFormatException e) {
            // A machine that went down while the file was written; nothing depends on the count.
            return Standing.NONE;
        }
    }

    Standing ended(Instant now) {
        Standing standing = read().ended(now);
        try {
            Files.createDirectories(file.getParent());
            Path fresh = Files.writeString(
                    file.resolveSibling(file.getFileName() + ".new"),
                    standing.count() + " " + standing.last().getEpochSecond() + " "
                            + standing.next().getEpochSecond());
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return standing;
    }

    void clear() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Instant time(String seconds) {
        return Instant.ofEpochSecond(Long.parseLong(seconds));
    }
}
