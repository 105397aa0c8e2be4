package io.lorica.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// How much memory a process holds, where the system tells.
final class ProcessMemory {

    private ProcessMemory() {}

    /// Resident memory in MiB.
    static Optional<Long> residentMib(long pid) {
        Path status = Path.of("/proc/" + pid + "/status");
        try {
            return Files.exists(status)
                    ? Files.readAllLines(status).stream()
                            .filter(line -> line.startsWith("VmRSS:"))
                            .map(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                            .findFirst()
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
