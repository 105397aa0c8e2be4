package io.lorica.llm.memory;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// A control group that limits memory, of version 2 (https://docs.kernel.org/admin-guide/cgroup-v2.html) or 1.
///
/// @param directory where its files are
/// @param limit the file with the most that it may take
/// @param usage the file with what it has taken
/// @param cached the fields of `memory.stat` with copies of files, which make room when it is wanted
record ControlGroup(Path directory, String limit, String usage, List<String> cached) {

    /// A group and those around it. In a container the path may be one of the host that is not there; the mount is
    /// then the group itself.
    ///
    /// @param mount where groups are mounted
    /// @param controllers what the group controls, as `/proc/self/cgroup` lists it: nothing for version 2
    /// @param path of the group below the mount
    static Stream<ControlGroup> chain(Path mount, String controllers, String path) {
        boolean older = Arrays.asList(controllers.split(",")).contains("memory");
        if (!older && !controllers.isEmpty()) {
            return Stream.empty();
        }
        Path top = older ? mount.resolve("memory") : mount;
        Path own = top.resolve(path.replaceFirst("^/+", "")).normalize();
        return Stream.iterate(
                        own.startsWith(top) && Files.isDirectory(own) ? own : top,
                        directory -> directory.startsWith(top),
                        directory -> directory.resolveSibling(""))
                .map(directory -> older ? older(directory) : newer(directory));
    }

    private static ControlGroup newer(Path directory) {
        return new ControlGroup(directory, "memory.max", "memory.current", List.of("inactive_file ", "active_file "));
    }

    private static ControlGroup older(Path directory) {
        return new ControlGroup(
                directory,
                "memory.limit_in_bytes",
                "memory.usage_in_bytes",
                List.of("total_inactive_file ", "total_active_file "));
    }

    /// How many bytes it may still take; as many as there are numbers where it has no limit.
    long room() {
        long most = number(limit);
        return most == Long.MAX_VALUE ? most : Math.max(0, most - number(usage) + ofFiles());
    }

    private long ofFiles() {
        return HostMemory.lines(directory.resolve("memory.stat")).stream()
                .filter(line -> cached.stream().anyMatch(line::startsWith))
                .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    private long number(String file) {
        return HostMemory.lines(directory.resolve(file)).stream()
                .filter(line -> line.matches("\\d{1,18}"))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }
}
