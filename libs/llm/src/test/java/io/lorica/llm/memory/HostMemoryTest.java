package io.lorica.llm.memory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class HostMemoryTest {

    private static final long MIB = 1 << 20;

    @TempDir
    private Path root;

    @Test
    void asksTheSystemWhereNoGroupLimits() throws IOException {
        // Given
        write("proc/meminfo", "MemTotal:       8192 kB", "MemAvailable:   4096 kB");
        write("proc/self/cgroup", "0::/user.slice/job");
        write("sys/fs/cgroup/user.slice/job/memory.max", "max");
        write("sys/fs/cgroup/user.slice/job/memory.current", "1000");

        // When // Then
        assertThat(new HostMemory(root).available()).contains(4 * MIB);
    }

    @Test
    void asksTheNarrowestGroupAndCountsItsCopiesOfFilesAsFree() throws IOException {
        // Given: 3 MiB of 4 taken, one of them by files; the group around it has all its 8 MiB
        write("proc/meminfo", "MemAvailable:   1048576 kB");
        write("proc/self/cgroup", "0::/pod/container");
        write("sys/fs/cgroup/pod/memory.max", String.valueOf(8 * MIB));
        write("sys/fs/cgroup/pod/memory.current", "0");
        write("sys/fs/cgroup/pod/container/memory.max", String.valueOf(4 * MIB));
        write("sys/fs/cgroup/pod/container/memory.current", String.valueOf(3 * MIB));
        write("sys/fs/cgroup/pod/container/memory.stat", "anon 5", "inactive_file " + MIB, "active_file 0");

        // When // Then
        assertThat(new HostMemory(root).available()).contains(2 * MIB);
    }

    @Test
    void asksTheMountOfAContainerWhosePathIsTheHosts() throws IOException {
        // Given
        write("proc/meminfo", "MemAvailable:   1048576 kB");
        write("proc/self/cgroup", "9:cpu:/docker/ab", "4:memory:/docker/ab", "0::/");
        write("sys/fs/cgroup/memory/memory.limit_in_bytes", String.valueOf(4 * MIB));
        write("sys/fs/cgroup/memory/memory.usage_in_bytes", String.valueOf(MIB));

        // When // Then
        assertThat(new HostMemory(root).available()).contains(3 * MIB);
    }

    @Test
    void saysNothingWhereTheSystemDoesNot() {
        assertThat(new HostMemory(root).available()).isEmpty();
        assertThat(MemoryWatch.OfHost.of(new HostMemory(root)).taken()).isEmpty();
    }

    @Test
    void tellsAPeakThatMovedFromOneThatWasThereBefore() throws IOException {
        // Given
        write("proc/self/status", "VmHWM:   9000 kB", "VmRSS:   2000 kB");
        write("proc/self/clear_refs", "");
        MemoryWatch watch = MemoryWatch.OfHost.of(new HostMemory(root));
        assertThat(watch.taken()).isEmpty();

        // When
        write("proc/self/status", "VmHWM:   9500 kB", "VmRSS:   2000 kB");

        // Then
        assertThat(watch.taken()).hasValue(7500 * 1024);
    }

    private void write(String file, String... lines) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.write(path, List.of(lines));
    }
}
