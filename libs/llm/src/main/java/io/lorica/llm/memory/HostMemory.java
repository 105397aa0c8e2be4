package io.lorica.llm.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The host's memory as Linux tells of it (https://docs.kernel.org/filesystems/proc.html): what a process may still
/// take, and what this one has taken at its peak.
///
/// @param root of the file system, `/` but for tests
record HostMemory(Path root) {

    private static final int KIB = 1024;
    /// What is written to `clear_refs` to begin the peak anew.
    private static final String RESET_PEAK = "5";

    static HostMemory ofProcess() {
        return new HostMemory(Path.of("/"));
    }

    /// What the system can give without swapping, or less where a control group of this process allows less; empty
    /// where the system does not tell.
    Optional<Long> available() {
        OptionalLong ofSystem = field("proc/meminfo", "MemAvailable:");
        return ofSystem.isEmpty()
                ? Optional.empty()
                : Optional.of(controlGroups().mapToLong(ControlGroup::room).reduce(ofSystem.getAsLong(), Math::min));
    }

    /// What this process has taken of the host's memory right now.
    OptionalLong resident() {
        return field("proc/self/status", "VmRSS:");
    }

    /// The most that it had taken since it began, or since [#resetPeak].
    OptionalLong peak() {
        return field("proc/self/status", "VmHWM:");
    }

    /// Lets the peak begin anew where the system allows it.
    void resetPeak() {
        try {
            Files.writeString(root.resolve("proc/self/clear_refs"), RESET_PEAK);
        } catch (IOException e) {
            // The older peak stays, and whoever reads it sees that it has not moved.
            return;
        }
    }

    /// The groups that limit this process, from its own to the outermost.
    private Stream<ControlGroup> controlGroups() {
        return lines("proc/self/cgroup").stream()
                .map(line -> line.split(":", 3))
                .filter(parts -> parts.length == 3)
                .flatMap(parts -> ControlGroup.chain(root.resolve("sys/fs/cgroup"), parts[1], parts[2]));
    }

    /// A field of so many kB, in bytes.
    private OptionalLong field(String file, String name) {
        return lines(file).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
                .findFirst();
    }

    private List<String> lines(String file) {
        return lines(root.resolve(file));
    }

    static List<String> lines(Path file) {
        try {
            return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
        } catch (IOException e) {
            return List.of(); // A group may go, and a system may refuse, between the question and the answer.
        }
    }
}
